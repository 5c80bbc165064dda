// assign_segment, segment_of: the segment of a row, at the cost of its distances to the centroids.
#include <cmath>
#include <optional>

#include "pg/bridge/arguments.hpp"
#include "pg/bridge/arrays.hpp"
#include "pg/bridge/catalog_changes.hpp"
#include "pg/bridge/ids.hpp"
#include "pg/bridge/moment.hpp"
#include "pg/model_store/loaded_model.hpp"
#include "pg/segments/keyed_source.hpp"
#include "pg/sources/columns.hpp"
#include "pg/sources/feature_rows.hpp"
#include "pg/sources/partition_features.hpp"
#include "pg/sources/source_relation.hpp"

namespace personalize::pg {

namespace {

// How rows are found by their key, while no relation changes.
struct ByKey {
    std::uint64_t catalog;
    Oid relation;
    core::IdType type;
    sources::RowFeatures features;
    std::shared_ptr<KeptQuery> query;
};

// The model of a statement, kept in the function's memory.
struct Remembered {
    Moment moment = {};
    std::string model_name;
    std::shared_ptr<LoadedModel> model;
    std::vector<double> columns;
    std::optional<ByKey> by_key;  // refers to the model
};

Remembered& remember_model(FunctionCallInfo fcinfo, std::string_view name) {
    if (fcinfo->flinfo->fn_extra == nullptr)
        fcinfo->flinfo->fn_extra = make_owned<Remembered>(fcinfo->flinfo->fn_mcxt);
    auto& memory = *static_cast<Remembered*>(fcinfo->flinfo->fn_extra);
    const Moment now = Moment::now();
    if (memory.model != nullptr && within_a_query() && memory.moment == now && memory.model_name == name)
        return memory;
    memory.by_key.reset();
    memory.model = nullptr;
    memory.model_name = name;
    memory.model = load_segments(memory.model_name);
    memory.columns.resize(static_cast<std::size_t>(memory.model->segments().model().columns()));
    memory.moment = now;
    return memory;
}

Datum segment_datum(FunctionCallInfo fcinfo, Remembered& memory) {
    const std::int32_t segment = memory.model->segments().assign(memory.columns.data());
    if (segment < 0) PG_RETURN_NULL();
    PG_RETURN_INT32(segment + 1);
}

void check_is_numeric(const LoadedModel& loaded, const std::vector<core::SegmentFeature>& features) {
    for (const core::SegmentFeature& feature : features)
        if (feature.type == core::FeatureType::category)
            throw SqlError(ERRCODE_WRONG_OBJECT_TYPE,
                           "feature \"" + feature.name + "\" of model \"" + loaded.name() + "\" is a text",
                           "segment_of() takes the key of a row, whose features it reads.");
}

// False where the vector lacks something that the model has no value for.
bool read_vector(Remembered& memory, Datum vector) {
    const auto& features = memory.model->segments().model().features;
    check_is_numeric(*memory.model, features);
    ArrayType* const array = one_dimensional(vector, "the array of features");
    if (length(array) != std::ssize(features))
        throw SqlError(ERRCODE_ARRAY_SUBSCRIPT_ERROR,
                       "there are " + std::to_string(length(array)) + " features, and model \"" +
                           memory.model->name() + "\" has " + std::to_string(features.size()),
                       "Give those in options->'features' of personalize.models, in their order.");
    const bits8* const bitmap = ARR_NULLBITMAP(array);
    const double* next = reinterpret_cast<const double*>(ARR_DATA_PTR(array));
    for (std::size_t f = 0; f < features.size(); f++) {
        const bool is_null = bitmap != nullptr && (bitmap[f / 8] & (1 << (f % 8))) == 0;
        const double x = is_null ? core::kMissing : *next++;
        memory.columns[f] = std::isnan(x) ? features[f].fill : x;
        if (std::isnan(memory.columns[f])) return false;
    }
    sources::check_features(memory.columns.data(), static_cast<int>(features.size()), "");
    return true;
}

// The first row that has a key.
class RowOfKey : public RowSink {
  public:
    RowOfKey(const sources::RowFeatures& features, std::vector<double>& columns)
        : features_(features), columns_(columns) {}
    void row(const Datum* values, const bool* nulls) override {
        if (found_) return;
        found_ = true;
        complete_ = features_.fill(values, nulls, columns_.data());
    }
    bool complete() const noexcept { return complete_; }

  private:
    const sources::RowFeatures& features_;
    std::vector<double>& columns_;
    bool found_ = false, complete_ = false;
};

std::shared_ptr<KeptQuery> query_of_key(LoadedModel& model, Oid relation, core::IdType key,
                                        const sources::RowFeatures& features) {
    return model.kept_query("SELECT " + features.list() + " FROM " + quoted_relation(relation) +
                                " AS s WHERE s." + quoted(model.source().user_column) +
                                " OPERATOR(pg_catalog.=) $1 LIMIT 1",
                            sources::parameter_type(key));
}

const ByKey& rows_by_key(Remembered& memory) {
    const std::uint64_t catalog = catalog_changes();
    if (memory.by_key && memory.by_key->catalog == catalog) return *memory.by_key;
    memory.by_key.reset();
    LoadedModel& model = *memory.model;
    const Oid relation = keyed_source(model);
    const core::IdType type = key_type(model, relation);
    const sources::RowFeatures features(relation, model.segments().model().features);
    memory.by_key.emplace(
        ByKey{catalog, relation, type, features, query_of_key(model, relation, type, features)});
    return *memory.by_key;
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(assign_segment) {
    using namespace personalize::pg;
    const Arguments arguments(fcinfo);
    Remembered& memory = remember_model(fcinfo, arguments.text_view(0, "model"));
    if (arguments.is_null(1) || !read_vector(memory, arguments.datum(1))) PG_RETURN_NULL();
    return segment_datum(fcinfo, memory);
}

PERSONALIZE_FUNCTION(segment_of) {
    using namespace personalize::pg;
    const Arguments arguments(fcinfo);
    Remembered& memory = remember_model(fcinfo, arguments.text_view(1, "model"));
    if (arguments.is_null(0)) PG_RETURN_NULL();
    const ByKey& rows = rows_by_key(memory);
    const auto key = id_from_datum(arguments.datum(0), arguments.type(0), rows.type, "key");
    const Datum parameter =
        call([&key, oid = sources::parameter_type(rows.type)] { return id_to_datum(key, oid); });
    RowOfKey sink(rows.features, memory.columns);
    as_reader(rows.relation, [&] { rows.query->read(parameter, sink); });
    if (!sink.complete()) PG_RETURN_NULL();
    return segment_datum(fcinfo, memory);
}
