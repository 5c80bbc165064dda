#include "pg/segments/segment_training.hpp"

#include <cmath>

#include "pg/bridge/json.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/model_store/model_writer.hpp"
#include "pg/segments/partition_segments.hpp"
#include "pg/sources/columns.hpp"

namespace personalize::pg {

namespace {

const std::vector<const char*> kMissingNames = {"refuse", "mean", "median", "zero"};

std::string optional_json(std::optional<double> value) { return value ? json_number(*value) : "null"; }

std::string trials_json(const std::vector<core::kmeans::Trial>& trials) {
    std::string json;
    for (const auto& trial : trials) {
        json += json.empty() ? R"(, "curve": [)" : ", ";
        json += R"({"k": )";
        json += std::to_string(trial.k);
        json += R"(, "inertia": )";
        json += json_number(trial.inertia);
        json += R"(, "silhouette": )";
        json += json_number(trial.silhouette);
        json += "}";
    }
    return json.empty() ? json : json + "]";
}

std::string metrics_json(const core::SegmentTraining& training) {
    const core::SegmentModel& model = training.model;
    const core::SegmentQuality& quality = model.quality;
    std::string json = R"({"segments": )" + std::to_string(model.segments()) + R"(, "inertia": )" +
                       json_number(quality.inertia) + R"(, "silhouette": )" +
                       optional_json(quality.silhouette) + R"(, "davies_bouldin": )" +
                       optional_json(quality.davies_bouldin) + R"(, "calinski_harabasz": )" +
                       optional_json(quality.calinski_harabasz);
    if (model.algorithm == core::SegmentAlgorithm::dbscan)
        return json + R"(, "noise": )" + std::to_string(model.noise) + "}";
    return json + R"(, "stability": )" + json_number(model.stability) + R"(, "iterations": )" +
           std::to_string(training.iterations) + R"(, "settled": )" + (training.settled ? "true" : "false") +
           trials_json(training.trials) + "}";
}

const char* algorithm_name(const core::SegmentModel& model) {
    return model.algorithm == core::SegmentAlgorithm::kmeans ? "kmeans" : "dbscan";
}

std::string schema_of_relation(Oid relation) {
    return call([relation] { return get_namespace_name(get_rel_namespace(relation)); });
}

std::string name_of_relation(Oid relation) {
    return call([relation] { return get_rel_name(relation); });
}

Datum training_row(FunctionCallInfo fcinfo, const NewVersion& saved, int version,
                   const core::SegmentModel& model) {
    return call([fcinfo, &saved, version, &model] {
        TupleDesc description;
        if (get_call_result_type(fcinfo, nullptr, &description) != TYPEFUNC_COMPOSITE)
            elog(ERROR, "a training must return a row");
        const auto jsonb = [](const std::string& value) {
            return DirectFunctionCall1(jsonb_in, CStringGetDatum(value.c_str()));
        };
        const auto& silhouette = model.quality.silhouette;
        Datum values[] = {CStringGetTextDatum(saved.model.c_str()),
                          Int32GetDatum(version),
                          CStringGetTextDatum(saved.algorithm.c_str()),
                          Int64GetDatum(model.rows),
                          Int32GetDatum(model.segments()),
                          Int64GetDatum(model.noise),
                          Float8GetDatum(model.quality.inertia),
                          Float8GetDatum(silhouette.value_or(0)),
                          Float8GetDatum(saved.train_seconds),
                          jsonb(saved.options),
                          jsonb(saved.metrics)};
        constexpr int kSilhouette = 7;
        bool nulls[std::size(values)] = {};
        nulls[kSilhouette] = !silhouette;
        return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(description), values, nulls));
    });
}

}  // namespace

FeatureRequest parse_feature_request(const Arguments& arguments, int options,
                                     const std::optional<std::string>& key) {
    FeatureRequest request{arguments.relation(0, "data"), {}, {}, {}};
    request.scaling = scale_argument(arguments, options);
    request.missing = static_cast<core::MissingValues>(
        one_of(arguments.text(options + 1, "missing"), "missing", kMissingNames));
    request.columns = sources::distinct_features_argument(request.relation, arguments, 1, "features");
    if (arguments.is_null(1) && key)
        std::erase_if(request.columns, [&](const sources::Feature& column) { return column.name == *key; });
    sources::segment_features(request.columns);  // refuses types before anything is read
    sources::measure_vectors(request.relation, request.columns);
    return request;
}

SegmentWork::SegmentWork(const std::string& model, FeatureRequest request, std::optional<std::string> key)
    : model_(model),
      request_(std::move(request)),
      key_(std::move(key)),
      progress_(model),
      host_(&progress_),
      budget_(settings::max_memory()),
      table_(&budget_, "the features") {
    forbid_where_read_only("training");
    if (key_)
        sources::id_column_type(request_.relation, *key_, "key_column",
                                sources::key_example(request_.relation).c_str());
    claim_for_training(model);
}

SegmentWork segment_work(const Arguments& arguments, int model, int scale, int key,
                         core::FeatureScaling& scaling) {
    const auto key_column = arguments.optional_name(key);
    const std::string name = arguments.text(model, "model");
    FeatureRequest features = parse_feature_request(arguments, scale, key_column);
    scaling = features.scaling;
    return SegmentWork(name, std::move(features), key_column);
}

core::FeatureTable SegmentWork::read() {
    progress_.phase("reading");
    auto table = sources::read_features(request_.relation, request_.columns, request_.missing, table_, host_,
                                        &progress_);
    progress_.phase("training");
    return table;
}

double SegmentWork::seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - since_).count();
}

std::string SegmentWork::features_json() const {
    std::string json;
    for (const core::SegmentFeature& feature : sources::segment_features(request_.columns)) {
        json += json.empty() ? R"({"features": [)" : ", ";
        json += json_string(feature.name);
    }
    json += R"(], "scale": ")";
    json += scale_name(request_.scaling);
    json += R"(", "missing": ")";
    json += kMissingNames[static_cast<std::size_t>(request_.missing)];
    json += '"';
    return key_ ? json + R"(, "key_column": )" + json_string(*key_) : json;
}

Datum SegmentWork::save(FunctionCallInfo fcinfo, const core::SegmentTraining& training,
                        const std::string& options) {
    progress_.phase("writing");
    budget_.reserve(core::segment_model_size(training.model), "the model");
    const auto payload = core::write_segment_model(training.model);
    core::ModelParts parts;
    parts.kind = core::ModelKind::segments;
    parts.objective.rank = 0;
    parts.payload = payload;
    budget_.reserve(core::model_image_size(parts), "the model");
    const core::ModelBytes image = core::write_model_image(parts);
    core::check_model_image(image);
    NewVersion saved;
    saved.model = model_;
    saved.algorithm = algorithm_name(training.model);
    saved.source.schema = schema_of_relation(request_.relation);
    saved.source.relation = name_of_relation(request_.relation);
    saved.source.user_column = key_.value_or("");
    saved.source.fold_in = false;
    saved.ratings = training.model.rows;
    saved.options = features_json() + ", " + options + "}";
    saved.metrics = metrics_json(training);
    saved.train_seconds = seconds();
    const int version = save_version(saved, parts, image);
    return training_row(fcinfo, saved, version, training.model);
}

}  // namespace personalize::pg
