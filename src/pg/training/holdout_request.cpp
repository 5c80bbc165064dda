#include "pg/training/holdout_request.hpp"

#include <cmath>

#include "pg/bridge/read_rows.hpp"
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

std::string number(double value) {
    if (!std::isfinite(value)) return "null";
    char text[32];
    std::snprintf(text, sizeof text, "%.7g", value);
    return text;
}

std::string measure_json(const core::Measure& measure) {
    return std::string("\"") + measure.name + R"(": {"value": )" + number(measure.value) +
           R"(, "standard_error": )" + number(measure.standard_error) + R"(, "popularity": )" +
           number(measure.popularity) + "}";
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

bool needs_times(const core::SplitOptions& split, const Source& source) noexcept {
    return split.method != SplitMethod::random && source.time_column.has_value();
}

std::string split_json(const core::SplitOptions& split) {
    std::string json =
        std::string(R"({"split": ")") + kSplitNames[static_cast<std::size_t>(split.method)] + '"';
    if (split.method != SplitMethod::leave_one_out && !split.moment)
        json += R"(, "holdout": )" + number(split.fraction);
    return json + "}";
}

std::string measures_json(const core::Evaluation& evaluation) {
    std::string json = "{";
    for (const core::Measure& measure : evaluation.measures)
        json += (json.size() > 1 ? ", " : "") + measure_json(measure);
    return json + "}";
}

}  // namespace personalize::pg
