// kmeans_segment: k-means over a partition of any query.
#include "core/segments/kmeans.hpp"

#include "pg/bridge/pg_host.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/segments/partition_segments.hpp"

namespace personalize::pg {

namespace {

core::BulkVector<std::int32_t> divide_by_kmeans(sources::PartitionFeatures& features,
                                                const Arguments& arguments, core::MemoryClaim& claim) {
    core::kmeans::Options options;
    options.k = arguments.integer(1, "k", 1, core::kmeans::kMaxSegments);
    const auto scaling = scale_argument(arguments, 2);
    options.seed = static_cast<std::uint64_t>(arguments.seed(3));
    options.threads = settings::threads();
    core::BulkVector<std::int32_t> segments(static_cast<std::size_t>(features.rows()));
    if (features.rows() == 0) return segments;
    claim.add(core::axes_memory(features.rows(), scaling, options.threads) +
              core::Points::memory(features.rows(), features.columns) +
              core::kmeans::memory(features.rows(), features.columns, options));
    PgHost host;
    const auto points = core::make_points(
        features.values, core::make_axes(features.values, features.columns, scaling, options.threads, host),
        options.threads, host);
    const auto model = core::kmeans::train(points, options, host);
    for (std::int64_t r = 0; r < points.rows; r++) segments[points.origin[r]] = model.segment[r];
    return segments;
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(kmeans_segment) {
    return personalize::pg::segment_in_partition(fcinfo, personalize::pg::divide_by_kmeans);
}
