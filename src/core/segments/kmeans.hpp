// k-means: k segments around their means, such that the squared distances of points to the mean of their own
// are small (Lloyd 1982, "Least squares quantization in PCM").
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/runtime/host.hpp"
#include "core/segments/points.hpp"

namespace personalize::core::kmeans {

inline constexpr int kMaxSegments = 10000;

struct Options {
    int k = 8;
    int max_iterations = 300;
    // A run ends when no point changes its segment, or when the squares of how far the centroids went add up
    // to less than this share of the features' mean variance.
    double tolerance = 1e-4;
    int restarts = 0;  // runs from other seeds, of which that of least inertia is kept; 0: default_restarts()
    std::uint64_t seed = 0;
    int threads = 1;
};

// 10, and up to 50 where there are fewer than 10,000 points: runs then take no time, and find less.
int default_restarts(std::int64_t points) noexcept;

struct Model {
    int columns = 0;
    std::vector<double> centroids;  // segments x columns, the largest segment first, equal ones by centroid
    std::vector<std::int64_t> sizes;
    BulkVector<std::int32_t> segment;  // of each point, in their order, from 0
    double inertia = 0;                // sum of the squared distances to the own centroid
    int iterations = 0;                // of the run that was kept
    bool settled = false;              // it ended because no point changed

    int segments() const noexcept { return static_cast<int>(std::ssize(sizes)); }
};

// Every point is in the segment of its nearest centroid, of equally near ones the first; the centroids are
// the means of their points, where it settled to the last bit. There are k segments, or as many as points
// differ (by choose_seeds()). At least one point. Reports each run to the host.
Model train(const Points& points, const Options& options, Host& host);

// One run from given centroids. A segment that becomes empty begins anew at the point that is farthest from
// its centroid: where the last step empties it, with this point as its centroid.
Model lloyd(const Points& points, std::span<const double> centroids, const Options& options, Host& host);

// Bytes that it takes beside the points, at most.
std::size_t memory(std::int64_t rows, int columns, const Options& options) noexcept;

}  // namespace personalize::core::kmeans
