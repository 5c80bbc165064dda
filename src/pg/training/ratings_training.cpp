#include "pg/training/ratings_training.hpp"

#include "pg/bridge/read_rows.hpp"
#include "pg/bridge/settings.hpp"

namespace personalize::pg {

namespace {

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

RatingsSource claim_and_describe(const std::string& model, Oid relation, const Source& columns) {
    forbid_where_read_only("training");
    RatingsSource source = describe_source(relation, columns);
    claim_for_training(model);
    notice_missing_index(source);
    return source;
}

std::string format(const char* pattern, auto... values) {
    char text[256];
    std::snprintf(text, sizeof text, pattern, values...);
    return text;
}

std::string timings_json(const Timings& timings) {
    return format(R"({"read": %.3f, "build": %.3f, "train": %.3f, "write": %.3f})", timings.read,
                  timings.build, timings.train, timings.write);
}

std::string metrics_json(const std::vector<double>& loss) {
    std::string json = format(R"({"loss": %.7g, "loss_by_iteration": [)", loss.back());
    for (std::size_t k = 0; k < loss.size(); k++) json += format(k > 0 ? ", %.7g" : "%.7g", loss[k]);
    return json + "]}";
}

core::ModelBytes make_image(const core::ModelParts& parts, core::MemoryBudget& budget) {
    budget.reserve(core::model_image_size(parts), "the model");
    core::ModelBytes image = core::write_model_image(parts);
    core::check_model_image(image.view());  // what is stored can be served
    return image;
}

}  // namespace

RatingsTraining::RatingsTraining(const std::string& model, Oid relation, const Source& columns)
    : model_(model),
      source_(claim_and_describe(model, relation, columns)),
      progress_(model),
      host_(&progress_),
      budget_(settings::max_memory()),
      last_lap_(std::chrono::steady_clock::now()) {}

double RatingsTraining::lap() noexcept {
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - last_lap_).count();
    last_lap_ = now;
    return seconds;
}

core::Ratings RatingsTraining::read() {
    progress_.phase("reading");
    core::RatingsBuilder builder(source_.user_type, source_.item_type,
                                 source_.columns.time_column.has_value(), budget_);
    const RowCounts rows = read_ratings(source_, builder, progress_);
    if (builder.rows() == 0)
        throw SqlError(
            ERRCODE_INVALID_PARAMETER_VALUE,
            quoted_relation(source_.relation) + " has no rating to train on: " + std::to_string(rows.read) +
                " rows read, " + std::to_string(rows.skipped) + " skipped",
            "Rows with a NULL id or with a NULL or NaN rating are skipped, and only rows that you may see "
            "are read.");
    skipped_ = rows.skipped;
    timings_.read = lap();
    progress_.phase("building");
    return builder.finish(source_.columns.on_duplicate, host_);
}

void RatingsTraining::start_training() {
    timings_.build = lap();
    progress_.phase("training");
}

void RatingsTraining::start_writing() {
    timings_.train = lap();
    progress_.phase("writing");
}

TrainingSummary RatingsTraining::save(const std::string& algorithm, const std::string& options,
                                      const core::Ratings& ratings, std::vector<double> loss,
                                      const core::ModelParts& parts) {
    const core::ModelBytes image = make_image(parts, budget_);
    TrainingSummary summary;
    NewVersion& saved = summary.saved;
    saved.model = model_;
    saved.algorithm = algorithm;
    saved.source = source_.columns;
    saved.ratings = ratings.by_user.nonzeros();
    saved.merged = ratings.merged;
    saved.skipped = skipped_;
    saved.options = options;
    saved.metrics = metrics_json(loss);
    timings_.write = lap();
    saved.train_seconds = timings_.total();
    summary.version = save_version(saved, parts, image);
    timings_.write += lap();
    summary.users = parts.users.size();
    summary.items = parts.items.size();
    summary.loss = std::move(loss);
    summary.timings = timings_;
    return summary;
}

Datum summary_datum(FunctionCallInfo fcinfo, const TrainingSummary& summary) {
    const std::string timings = timings_json(summary.timings);
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
                          Float8GetDatum(summary.loss.back()),
                          Float8GetDatum(summary.timings.total()),
                          jsonb(saved.options),
                          jsonb(timings)};
        bool nulls[std::size(values)] = {};
        return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(description), values, nulls));
    });
}

}  // namespace personalize::pg
