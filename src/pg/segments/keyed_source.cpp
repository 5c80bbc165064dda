#include "pg/segments/keyed_source.hpp"

#include "core/ratings/ids.hpp"
#include "pg/bridge/pg_host.hpp"
#include "pg/bridge/read_rows.hpp"
#include "pg/sources/columns.hpp"
#include "pg/sources/feature_rows.hpp"
#include "pg/sources/source_relation.hpp"

namespace personalize::pg {

namespace {

// Rows of features, then the key.
class KeysSink : public RowSink {
  public:
    KeysSink(const sources::RowFeatures& features, core::SegmentAssigner& assigner, int segment,
             core::IdDictionary& keys)
        : features_(features),
          assigner_(assigner),
          segment_(segment),
          keys_(keys),
          columns_(static_cast<std::size_t>(assigner.model().columns())) {}

    void row(const Datum* values, const bool* nulls) override {
        const int key = features_.count();
        if (nulls[key] || !features_.fill(values, nulls, columns_.data())) return;
        if (assigner_.assign(columns_.data()) == segment_)
            keys_.code(sources::id_of(keys_.type(), values[key]));
    }

  private:
    const sources::RowFeatures& features_;
    core::SegmentAssigner& assigner_;
    const int segment_;
    core::IdDictionary& keys_;
    std::vector<double> columns_;
};

}  // namespace

Oid keyed_source(const LoadedModel& model) {
    if (model.source().user_column.empty()) {
        const Oid relation = call([&model] { return source_relation(model.source(), model.row().owner); });
        const std::string key = OidIsValid(relation) ? sources::key_example(relation) : "...";
        throw SqlError(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
                       "model \"" + model.name() + "\" was trained without a key",
                       "Train it with key_column => '" + key + "', or use assign_segment().");
    }
    return readable_source(model,
                           "It is gone, in a schema that you may not use, or another role's, whose code a "
                           "superuser does not run. assign_segment() takes the features.");
}

core::IdType key_type(const LoadedModel& segments, Oid relation) {
    const std::string& key = segments.source().user_column;
    if (!sources::has_column(relation, key)) sources::no_such_column(relation, key, sources::kColumnHasGone);
    return sources::id_column_type(relation, key, nullptr);
}

core::IdList keys_in_segment(LoadedModel& segments, int segment, core::MemoryBudget& budget) {
    const Oid relation = keyed_source(segments);
    const core::IdType type = key_type(segments, relation);
    const sources::RowFeatures features(relation, segments.segments().model().features);
    core::IdDictionary keys(type, &budget);
    KeysSink sink(features, segments.segments(), segment, keys);
    const std::string query = "SELECT " + features.list() + ", " +
                              sources::id_expression(segments.source().user_column, type) + " FROM " +
                              quoted_relation(relation) + " AS s";
    as_reader(relation, [&] { read_rows(query, sink); });
    PgHost host;
    std::vector<std::int32_t> index_of_code;
    return keys.finish(index_of_code, host);
}

}  // namespace personalize::pg
