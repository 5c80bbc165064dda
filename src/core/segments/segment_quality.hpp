// How well segments divide points.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/runtime/host.hpp"
#include "core/segments/points.hpp"

namespace personalize::core {

inline constexpr int kDaviesBouldinSegments = 10000;

// What needs two segments or more is nothing for one. Points of segment -1 are left out.
struct SegmentQuality {
    double inertia = 0;  // sum of the squared distances to the own segment's mean
    // Mean over points of (b - a) / max(a, b): a the mean distance to the others of the own segment, b the
    // least mean distance to another segment; 0 for a point that is alone (Rousseeuw 1987, "Silhouettes").
    std::optional<double> silhouette;
    std::int64_t silhouette_points = 0;  // among which it was computed
    // Mean over segments of the worst ratio of their spreads to their distance (Davies, Bouldin 1979);
    // nothing for more than kDaviesBouldinSegments: it takes the distances between all of them.
    std::optional<double> davies_bouldin;
    // Variance between segments over that within them (Calinski, Harabasz 1974).
    std::optional<double> calinski_harabasz;
};

// segment: of each point, below `segments`. The silhouette is exact for up to `most` points, else that of a
// random sample of them. The same for any number of threads.
SegmentQuality measure_segments(const Points& points, std::span<const std::int32_t> segment, int segments,
                                std::int64_t most, int threads, Host& host);

// Bytes that it takes beside the points, at most.
std::size_t quality_memory(std::int64_t rows, int columns, int segments, std::int64_t most,
                           int threads) noexcept;

struct Silhouette {
    std::optional<double> mean;
    std::int64_t points = 0;
};
Silhouette silhouette(const Points& points, std::span<const std::int32_t> segment, std::int64_t most,
                      int threads, Host& host);

// How alike two divisions of the same points are: 1 for the same, around 0 for unrelated ones (Hubert, Arabie
// 1985, "Comparing partitions"). Pairs with -1 in either are left out.
double adjusted_rand_index(std::span<const std::int32_t> a, std::span<const std::int32_t> b);

}  // namespace personalize::core
