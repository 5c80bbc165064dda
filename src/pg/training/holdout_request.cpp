#include "pg/training/holdout_request.hpp"

#include <cmath>

#include "pg/bridge/json.hpp"
#include "pg/sources/columns.hpp"

namespace personalize::pg {

namespace {

using core::SplitMethod;

const std::vector<const char*> kSplitNames = {"random", "leave_one_out", "last", "time"};

[[noreturn]] void refuse(const std::string& message, const char* hint) {
    throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, message, hint);
}

void check_share(const SplitChoice& choice, SplitMethod method) {
    const std::string split = "split => '" + choice.method + "'";
    if (method == SplitMethod::leave_one_out && choice.share)
        refuse("holdout does not apply to " + split, "Leave it out: one item of each user is held out.");
    if (choice.from && method != SplitMethod::time)
        refuse("split_from does not apply to " + split, "Leave it out, or use split => 'time'.");
    if (choice.from && choice.share)
        refuse("holdout and split_from both say what is held out", "Leave one of them out.");
    if (method != SplitMethod::leave_one_out && !choice.share && !choice.from)
        refuse(split + " needs to know how much to hold out",
               method == SplitMethod::time
                   ? "Give the newest share with holdout => 0.1, or a moment with split_from."
                   : "Give the share with holdout => 0.1.");
}

std::string measure_json(const core::Measure& measure) {
    return std::string("\"") + measure.name + R"(": {"value": )" + json_number(measure.value) +
           R"(, "standard_error": )" + json_number(measure.standard_error) + R"(, "popularity": )" +
           json_number(measure.popularity) + "}";
}

}  // namespace

core::SplitOptions split_options(const SplitChoice& choice, Oid relation, const Source& source,
                                 std::int64_t seed) {
    core::SplitOptions split;
    split.method = static_cast<SplitMethod>(one_of(choice.method, "split", kSplitNames));
    split.seed = static_cast<std::uint64_t>(seed);
    const bool by_time = split.method == SplitMethod::last || split.method == SplitMethod::time;
    if (by_time && !source.time_column)
        refuse("split => '" + choice.method + "' needs a time column", "Name it with time_column => '...'.");
    check_share(choice, split.method);
    if (choice.share) split.fraction = *choice.share;
    if (choice.from) split.moment = sources::time_value(relation, *source.time_column, *choice.from);
    return split;
}

std::optional<float> relevant_from_argument(const Arguments& arguments, int position) {
    const auto from = arguments.optional_real(position);
    if (from && !std::isfinite(*from))
        refuse("relevant_from is not a finite number", "Give the lowest rating that is relevant.");
    return from;
}

bool needs_times(const core::SplitOptions& split, const Source& source) noexcept {
    return split.method != SplitMethod::random && source.time_column.has_value();
}

std::string split_json(const HoldoutRequest& holdout) {
    const core::SplitOptions& split = holdout.split;
    std::string json =
        std::string(R"({"split": ")") + kSplitNames[static_cast<std::size_t>(split.method)] + '"';
    if (holdout.from)
        json += R"(, "split_from": )" + json_string(*holdout.from);
    else if (split.method != SplitMethod::leave_one_out)
        json += R"(, "holdout": )" + json_number(split.fraction);
    return json + R"(, "seed": )" + std::to_string(static_cast<std::int64_t>(split.seed)) + R"(, "k": )" +
           std::to_string(holdout.evaluation.k) + "}";
}

std::string measures_json(const core::Evaluation& evaluation) {
    std::string json = "{";
    for (const core::Measure& measure : evaluation.measures)
        json += (json.size() > 1 ? ", " : "") + measure_json(measure);
    return json + "}";
}

void warn_of_popularity(const std::string& model, const core::Measure& measure, bool is_tuned) {
    if (!measure.loses_to_popularity()) return;
    const bool predicts = measure.is_error();
    call([&, predicts, is_tuned] {
        ereport(WARNING,
                predicts
                    ? errmsg("model \"%s\" predicts held-out ratings worse than the mean rating does",
                             model.c_str())
                    : errmsg("model \"%s\" finds held-out ratings worse than a list of popular items does",
                             model.c_str()),
                errdetail("%s is %.3g, that of %s %.3g.", measure.name, measure.value,
                          predicts ? "the mean" : "popular items", measure.popularity),
                errhint("Measure other kinds (%s)%s on the same holdout.",
                        predicts ? "solver => 'gibbs', train_knn with feedback => 'explicit'"
                                 : "train_knn with similarity => 'rp3beta', train_ease",
                        is_tuned ? "" : " and other settings (CALL tune_mf)"));
    });
}

}  // namespace personalize::pg
