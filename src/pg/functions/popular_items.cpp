// popular_items: what most users of the training chose, or now those of a segment.
#include "core/model/popular.hpp"
#include "core/runtime/memory_claim.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/ids.hpp"
#include "pg/bridge/pg_host.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/bridge/unused_memory.hpp"
#include "pg/bridge/write_rows.hpp"
#include "pg/segments/keyed_source.hpp"
#include "pg/sources/item_arguments.hpp"
#include "pg/sources/ratings_source.hpp"
#include "pg/sources/source_relation.hpp"

namespace personalize::pg {

namespace {

using Ranking = std::vector<core::Scored>;

// With a witness of the item type the last arguments are one further, or not there.
constexpr int kSegment = 2, kSegments = 3, kWitnessAndSegment = 5, kWitnessOnly = 3;

// From 0.
int segment_argument(const Arguments& arguments, int position, LoadedModel& segments) {
    const int segment = DatumGetInt32(arguments.datum(position)),
              count = segments.segments().model().segments();
    if (segment >= 1 && segment <= count) return segment - 1;
    throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE,
                   "segment is " + std::to_string(segment) + ", and model \"" + segments.name() + "\" has " +
                       (count == 0 ? "none" : "1 to " + std::to_string(count)),
                   "segment_profile() shows its segments; NULL asks for what is popular with everyone.");
}

// The model's ratings as they are to be counted: their times matter where the latest of repeated rows counts.
RatingsSource ratings_to_count(const LoadedModel& model) {
    const Oid relation = readable_source(
        model,
        "It is gone, in a schema that you may not use, or another role's, whose code a superuser does "
        "not run. Without a segment it is not read.");
    Source columns = model.source();
    if (columns.on_duplicate != core::OnDuplicate::last) columns.time_column.reset();
    if (columns.on_duplicate == core::OnDuplicate::error) columns.on_duplicate = core::OnDuplicate::mean;
    RatingsSource source = describe_source(relation, std::move(columns));
    if (source.item_type != model.parts().items.type())
        throw SqlError(ERRCODE_DATATYPE_MISMATCH,
                       "items of " + quoted_relation(relation) + " are now of type " +
                           type_name(source.item_type) + ", those of model \"" + model.name() +
                           "\" of type " + type_name(model.parts().items.type()),
                       "Train the model again.");
    return source;
}

void require_users_as_keys(const RatingsSource& ratings, const core::IdList& keys,
                           const LoadedModel& segments) {
    if (keys.view().type() == ratings.user_type) return;
    throw SqlError(ERRCODE_DATATYPE_MISMATCH,
                   "users have ids of type " + std::string(type_name(ratings.user_type)) +
                       ", the rows of model \"" + segments.name() + "\" keys of type " +
                       type_name(keys.view().type()),
                   "Train the segments on a view that casts the key.");
}

Ranking popular_in_segment(const LoadedModel& model, LoadedModel& segments, int segment, int n) {
    const ReturnsUnusedMemory at_end;
    const RatingsSource source = ratings_to_count(model);
    core::MemoryBudget budget(settings::max_memory());
    const core::IdList keys = keys_in_segment(segments, segment, budget);
    require_users_as_keys(source, keys, segments);
    PgHost host;
    core::RatingsBuilder builder(source.user_type, source.item_type, source.columns.time_column.has_value(),
                                 budget);
    const core::IdView users = keys.view();
    as_reader(source.relation, [&] { read_ratings(source, builder, nullptr, &users); });
    core::Ratings ratings = builder.finish(source.columns.on_duplicate, host);
    budget.reserve(
        static_cast<std::size_t>(model.parts().items.size()) * (sizeof(core::Scored) + 2 * sizeof(float)),
        "the items");
    return core::most_popular_among(model.parts(), ratings, n);
}

Ranking rank(const Arguments& arguments, const LoadedModel& model, int n) {
    const int further = arguments.count() == kWitnessAndSegment ? 1 : 0;
    if (arguments.count() == kWitnessOnly || arguments.is_null(kSegment + further))
        return core::most_popular(model.parts(), nullptr, n, nullptr);
    const auto segments = load_segments(arguments.text(kSegments + further, "segments"));
    const int segment = segment_argument(arguments, kSegment + further, *segments);
    return popular_in_segment(model, *segments, segment, n);
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(popular_items) {
    using namespace personalize::pg;
    const Arguments arguments(fcinfo);
    const int n = arguments.integer(0, "n", 0, INT_MAX);
    const auto model = load_model(arguments.text(1, "model"));
    const auto& parts = model->parts();
    ResultRows rows(fcinfo);
    const Oid type = rows.column_type(0);
    check_item_result(*model, type, [&] {
        return "popular_items(" + std::to_string(n) + ", " + quoted_name(*model) + ", " +
               witness(parts.items.type()) + ")";
    });
    const auto ranking = rank(arguments, *model, n);
    rows.put(std::ssize(ranking),
             [type, items = parts.items, best = ranking.data()](std::int64_t k, Datum* values, bool*) {
                 values[0] = id_to_datum(items.at(best[k].index), type);
                 values[1] = Float4GetDatum(best[k].score);
             });
    return 0;
}
