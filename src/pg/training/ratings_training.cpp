#include "pg/training/ratings_training.hpp"

#include <numeric>

#include "pg/bridge/json.hpp"
#include "pg/bridge/read_rows.hpp"
#include "pg/bridge/settings.hpp"

namespace personalize::pg {

namespace {

constexpr int kLoss = 9;  // column of personalize.training

void notice_missing_index(const RatingsSource& source) {
    const std::string index = missing_index(source);
    if (index.empty()) return;
    call([&source, statement = index.c_str()] {
        ereport(NOTICE,
                errmsg("no index on column \"%s\": recommend_for will scan the whole table at each call",
                       source.columns.user_column.c_str()),
                errhint("%s;", statement));
    });
}

std::string format(const char* pattern, auto... values) {
    char text[256];
    std::snprintf(text, sizeof text, pattern, values...);
    return text;
}

std::string loss_json(const std::vector<double>& loss) {
    if (loss.empty()) return "";
    std::string json = R"("loss": )" + json_number(loss.back()) + R"(, "loss_by_iteration": [)";
    for (std::size_t k = 0; k < loss.size(); k++) json += (k > 0 ? ", " : "") + json_number(loss[k]);
    return json + "]";
}

std::string metrics_json(const std::vector<double>& loss, const std::string& evaluation) {
    const std::string of_loss = loss_json(loss);
    return "{" + of_loss + (of_loss.empty() || evaluation.empty() ? "" : ", ") + evaluation + "}";
}

}  // namespace

core::ModelBytes make_image(const core::ModelParts& parts, core::MemoryBudget& budget) {
    budget.reserve(core::model_image_size(parts), "the model");
    return core::write_servable_image(parts);
}

double Timings::total() const noexcept { return std::accumulate(seconds_.begin(), seconds_.end(), 0.0); }

std::string Timings::json() const {
    constexpr const char* kNames[kPhases] = {"read", "build", "tune", "train", "evaluate", "write"};
    std::string json;
    for (std::size_t k = 0; k < kPhases; k++)
        if (seconds_[k] > 0)
            json += format(R"(%s"%s": %.3f)", json.empty() ? "{" : ", ", kNames[k], seconds_[k]);
    return json + "}";
}

void prepare_training(const std::string& model, Oid relation, const Source& columns) {
    forbid_where_read_only("training");
    const RatingsSource source = describe_source(relation, columns);
    claim_for_training(model);
    notice_missing_index(source);
}

namespace {

void notice_negative_likes(const TrainingRequest& request, const core::Ratings& ratings) {
    if (request.feedback != core::Feedback::implicit_feedback || request.positive_from ||
        request.weighting != core::Weighting::binary)
        return;
    const std::int64_t negative = core::count_negative(ratings.by_user), all = ratings.by_user.nonzeros();
    if (negative == 0) return;
    call([negative, all] {
        ereport(NOTICE,
                errmsg("%lld of %lld ratings are negative, and count as likes",
                       static_cast<long long>(negative), static_cast<long long>(all)),
                errhint("positive_from => 0 makes them dislikes; feedback => 'explicit' predicts ratings."));
    });
}

void notice_worn_out(const core::Ratings& ratings) {
    const std::int64_t worn_out = core::count_worn_out(ratings), all = ratings.by_user.nonzeros();
    if (worn_out <= all / 2) return;
    call([worn_out, all, half_life = ratings.half_life] {
        ereport(NOTICE,
                errmsg("by a half_life of %g seconds %lld of %lld ratings are too old to count", half_life,
                       static_cast<long long>(worn_out), static_cast<long long>(all)),
                errhint("An interval without a unit is in seconds: '30 days' has one."));
    });
}

}  // namespace

void notice_odd_ratings(const TrainingRequest& request, const core::Ratings& ratings) {
    notice_negative_likes(request, ratings);
    notice_worn_out(ratings);
}

RatingsWork::RatingsWork(const std::string& name, Oid relation, const Source& columns, std::size_t taken)
    : source_(describe_source(relation, columns)),
      progress_(name),
      host_(&progress_),
      budget_(settings::max_memory()) {
    budget_.reserve(taken, "the model");
}

const Timings& PhaseClock::timings() noexcept {
    const auto now = std::chrono::steady_clock::now();
    timings_[phase_] += std::chrono::duration<double>(now - since_).count();
    since_ = now;
    return timings_;
}

void RatingsWork::enter(Phase phase) noexcept {
    constexpr const char* kNames[kPhases] = {"reading",  "building",   "tuning",
                                             "training", "evaluating", "writing"};
    clock_.enter(phase);
    progress_.phase(kNames[static_cast<std::size_t>(phase)]);
}

core::Ratings RatingsWork::read(bool keep_times) {
    enter(Phase::reading);
    core::RatingsBuilder builder(source_.user_type, source_.item_type,
                                 source_.columns.time_column.has_value(), budget_, settings::threads());
    const RowCounts rows = read_ratings(source_, builder, &progress_);
    if (builder.rows() == 0)
        throw SqlError(
            ERRCODE_INVALID_PARAMETER_VALUE,
            quoted_relation(source_.relation) + " has no rating to use: " + std::to_string(rows.read) +
                " rows read, " + std::to_string(rows.skipped) + " skipped",
            "Rows with a NULL id or with a NULL or NaN rating are skipped, and only rows that you may see "
            "are read.");
    skipped_ = rows.skipped;
    enter(Phase::building);
    const double half_life = source_.columns.half_life;
    core::Ratings ratings = builder.finish(source_.columns.on_duplicate, host_, keep_times || half_life > 0);
    ratings.half_life = half_life;
    merged_ = ratings.merged;
    return ratings;
}

core::Evaluation RatingsWork::evaluate(const core::ModelParts& model, const core::Ratings& test,
                                       const core::EvaluationOptions& options) {
    enter(Phase::evaluating);
    core::MemoryClaim claim(&budget_, "the evaluation");
    claim.add(core::evaluation_memory(model, test, options));
    return core::evaluate(model, test, options, host_);
}

TrainingSummary save_training(const TrainingRequest& request, RatingsWork& work, const FittedModel& fitted,
                              const std::string& evaluation) {
    work.enter(Phase::writing);
    const core::ModelParts parts = fitted.parts();
    const core::ModelBytes image = make_image(parts, work.budget());
    TrainingSummary summary;
    summary.loss = fitted.loss();
    NewVersion& saved = summary.saved;
    saved.model = request.model;
    saved.algorithm = fitted.algorithm();
    saved.source = work.source().columns;
    saved.ratings = fitted.ratings().by_user.nonzeros();
    saved.merged = work.merged();
    saved.skipped = work.skipped();
    saved.options = fitted.options_json(request);
    saved.metrics = metrics_json(summary.loss, evaluation);
    saved.train_seconds = work.timings().total();
    summary.version = save_version(saved, parts, image);
    summary.users = parts.users.size();
    summary.items = parts.items.size();
    summary.timings = work.timings();
    return summary;
}

Datum summary_datum(FunctionCallInfo fcinfo, const TrainingSummary& summary) {
    const std::string timings = summary.timings.json();
    return call([fcinfo, &summary, &timings] {
        TupleDesc description;
        if (get_call_result_type(fcinfo, nullptr, &description) != TYPEFUNC_COMPOSITE)
            elog(ERROR, "a training must return a row");
        const NewVersion& saved = summary.saved;
        const auto text = [](const std::string& value) { return CStringGetTextDatum(value.c_str()); };
        const auto jsonb = [](const std::string& value) {
            return DirectFunctionCall1(jsonb_in, CStringGetDatum(value.c_str()));
        };
        Datum values[] = {text(saved.model),
                          Int32GetDatum(summary.version),
                          text(saved.algorithm),
                          Int64GetDatum(summary.users),
                          Int64GetDatum(summary.items),
                          Int64GetDatum(saved.ratings),
                          Int64GetDatum(saved.skipped),
                          Int64GetDatum(saved.merged),
                          Int32GetDatum(static_cast<int>(summary.loss.size())),
                          summary.loss.empty() ? Datum(0) : Float8GetDatum(summary.loss.back()),
                          Float8GetDatum(summary.timings.total()),
                          jsonb(saved.options),
                          jsonb(timings),
                          jsonb(saved.metrics)};
        bool nulls[std::size(values)] = {};
        nulls[kLoss] = summary.loss.empty();
        return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(description), values, nulls));
    });
}

}  // namespace personalize::pg
