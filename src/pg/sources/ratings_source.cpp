#include "pg/sources/ratings_source.hpp"

#include <cmath>

#include "pg/bridge/read_rows.hpp"
#include "pg/sources/columns.hpp"

namespace personalize::pg {

namespace {

constexpr std::int64_t kProgressInterval = 1 << 16;

class RatingsSink : public RowSink {
  public:
    RatingsSink(const RatingsSource& source, core::RatingsBuilder& builder, ProgressSlot* progress,
                const core::IdView* users)
        : user_type_(source.user_type),
          item_type_(source.item_type),
          builder_(builder),
          progress_(progress),
          users_(users) {}

    void row(const Datum* values, const bool* nulls) override {
        if (users_ != nullptr && !is_of_users(values[0], nulls[0])) return;
        if (++counts_.read % kProgressInterval == 0 && progress_ != nullptr)
            progress_->rows_read(counts_.read);
        const float rating = DatumGetFloat4(values[2]);
        if (nulls[0] || nulls[1] || nulls[2] || std::isnan(rating)) {
            counts_.skipped++;
            return;
        }
        const double time = nulls[3] ? -HUGE_VAL : DatumGetFloat8(values[3]);
        builder_.add(sources::id_of(user_type_, values[0]), sources::id_of(item_type_, values[1]), rating,
                     std::isnan(time) ? -HUGE_VAL : time);
    }

    const RowCounts& counts() const noexcept { return counts_; }

  private:
    bool is_of_users(Datum user, bool is_null) const noexcept {
        return !is_null && users_->find(sources::id_of(user_type_, user)) != core::IdView::kNotFound;
    }

    const core::IdType user_type_, item_type_;
    core::RatingsBuilder& builder_;
    ProgressSlot* const progress_;
    const core::IdView* const users_;
    RowCounts counts_;
};

// Whether an index starts with `column`. Inside call().
bool has_index_on(Oid relation, AttrNumber column) {
    const Relation table = table_open(relation, AccessShareLock);
    List* indexes = RelationGetIndexList(table);
    bool found = false;
    ListCell* cell;
    foreach (cell, indexes) {
        const Relation index = index_open(lfirst_oid(cell), AccessShareLock);
        found = found || (index->rd_index->indisvalid && index->rd_index->indkey.values[0] == column &&
                          RelationGetIndexPredicate(index) == NIL);
        index_close(index, AccessShareLock);
    }
    table_close(table, AccessShareLock);
    return found;
}

}  // namespace

RatingsSource describe_source(Oid relation, Source columns) {
    sources::hold_relation(relation);
    columns.schema = call([relation] { return get_namespace_name(get_rel_namespace(relation)); });
    columns.relation = call([relation] { return get_rel_name(relation); });
    const core::IdType users = sources::id_column_type(relation, columns.user_column, "user_column");
    const core::IdType items = sources::id_column_type(relation, columns.item_column, "item_column");
    if (columns.rating_column) sources::check_rating_column(relation, *columns.rating_column);
    if (columns.time_column) sources::column_type(relation, *columns.time_column, "time_column");
    return {relation, std::move(columns), users, items};
}

RowCounts read_ratings(const RatingsSource& source, core::RatingsBuilder& builder, ProgressSlot* progress,
                       const core::IdView* users) {
    RatingsSink sink(source, builder, progress, users);
    read_rows("SELECT " + sources::id_expression(source.columns.user_column, source.user_type) + ", " +
                  sources::columns_of_row(source.relation, source.columns, source.item_type) + " FROM " +
                  quoted_relation(source.relation) + " AS s",
              sink);
    if (progress != nullptr) progress->rows_read(sink.counts().read);
    return sink.counts();
}

std::string missing_index(const RatingsSource& source) {
    const bool usable = call([&source] {
        const char kind = get_rel_relkind(source.relation);
        if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE && kind != RELKIND_MATVIEW)
            return true;
        return has_index_on(source.relation, get_attnum(source.relation, source.columns.user_column.c_str()));
    });
    if (usable) return "";
    std::string payload = quoted(source.columns.item_column);
    if (source.columns.rating_column) payload += ", " + quoted(*source.columns.rating_column);
    if (source.columns.time_column) payload += ", " + quoted(*source.columns.time_column);
    return "CREATE INDEX ON " + quoted_relation(source.relation) + " (" + quoted(source.columns.user_column) +
           ") INCLUDE (" + payload + ")";
}

}  // namespace personalize::pg
