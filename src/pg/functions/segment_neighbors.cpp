// segment_neighbors: how far rows are from their neighbours, to choose eps of DBSCAN by.
#include <limits>

#include "core/segments/neighbour_distances.hpp"
#include "core/segments/train_segments.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/bridge/unused_memory.hpp"
#include "pg/bridge/write_rows.hpp"
#include "pg/segments/segment_training.hpp"

namespace personalize::pg {

namespace {

core::DistanceCurve read_curve(const FeatureRequest& request, int min_points) {
    PgHost host;
    core::MemoryBudget budget(settings::max_memory());
    core::MemoryClaim claim(&budget, "the features");
    auto table =
        sources::read_features(request.relation, request.columns, request.missing, claim, host, nullptr);
    if (table.rows == 0)
        throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, "there are no rows to look at",
                       "Only rows that you may see are read.");
    const int columns = core::columns_of(table.features), threads = settings::threads();
    claim.add(core::axes_memory(table.rows, request.scaling, threads) +
              core::KdTree::memory(table.rows, columns));
    core::place_rows(table.values, core::dbscan_axes(table, request.scaling, threads, host), request.scaling,
                     host);
    return core::neighbour_distances(table.values, columns, min_points, core::kSilhouettePoints, threads,
                                     host);
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(segment_neighbors) {
    using namespace personalize::pg;
    const ReturnsUnusedMemory at_end;
    const Arguments arguments(fcinfo);
    const int min_points = arguments.integer(2, "min_points", 1, std::numeric_limits<int>::max());
    const auto request = parse_feature_request(arguments, 3, std::nullopt);
    constexpr int kSteps = 20;
    const auto points = personalize::core::points_of_curve(read_curve(request, min_points), kSteps);
    ResultRows(fcinfo).put(std::ssize(points), [all = points.data()](std::int64_t k, Datum* values, bool*) {
        values[0] = Float8GetDatum(all[k].share);
        values[1] = Float8GetDatum(all[k].distance);
        values[2] = BoolGetDatum(all[k].is_bend);
    });
    return 0;
}
