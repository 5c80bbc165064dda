// dbscan_segment: DBSCAN over a partition of any query.
#include "core/segments/dbscan.hpp"

#include <limits>

#include "core/segments/train_segments.hpp"
#include "pg/bridge/pg_host.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/segments/partition_segments.hpp"

namespace personalize::pg {

namespace {

core::BulkVector<std::int32_t> divide_by_dbscan(sources::PartitionFeatures& features,
                                                const Arguments& arguments, core::MemoryClaim& claim) {
    core::dbscan::Options options;
    options.eps = arguments.double_precision(1, "eps", core::dbscan::kLeastEps, core::dbscan::kLargest);
    options.min_points = arguments.integer(2, "min_points", 1, std::numeric_limits<int>::max());
    options.threads = settings::threads();
    const auto scaling = scale_argument(arguments, 3);
    if (features.rows() == 0) return {};
    claim.add(core::axes_memory(features.rows(), scaling, options.threads) +
              core::dbscan::memory(features.rows(), features.columns));
    PgHost host;
    if (scaling != core::FeatureScaling::none)
        core::place_rows(features.values,
                         core::make_axes(features.values, features.columns, scaling, options.threads, host),
                         scaling, host);
    return core::dbscan::train(features.values, features.columns, options, host).segment;
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(dbscan_segment) {
    return personalize::pg::segment_in_partition(fcinfo, personalize::pg::divide_by_dbscan);
}
