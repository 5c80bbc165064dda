// Which centroid is nearest to each point: exactly, at the cost of few of the distances.
//
// Bounds on the distances to the own and to all other centroids tell for most points that nothing changes
// (Hamerly 2010, "Making k-means even faster"). The others are scanned many at a time by products in floats;
// what these leave open is decided in double precision.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/segments/centroids.hpp"
#include "core/segments/points.hpp"

namespace personalize::core {

struct Assignment {
    BulkVector<std::int32_t> segment;  // -1: not known yet
    BulkVector<float> upper, lower;    // on the distance to the own centroid, and to the nearest other one
};

// How far each centroid went since the bounds were set, rounded up.
struct Movement {
    std::vector<float> moved;
    float largest = 0, second = 0;  // of `moved`
    int largest_of = -1;
};

// What a step adds to the sums over the points of each segment, in units of Space::unit_exponent.
struct SegmentSums {
    std::vector<std::int64_t> totals;  // count x columns
    std::vector<std::int64_t> points;  // count
    std::int64_t changed = 0;

    SegmentSums(int count, int columns)
        : totals(static_cast<std::size_t>(count) * static_cast<std::size_t>(columns)),
          points(static_cast<std::size_t>(count)) {}
    void add(const SegmentSums& other) noexcept {
        for (std::size_t k = 0; k < totals.size(); k++) totals[k] += other.totals[k];
        for (std::size_t k = 0; k < points.size(); k++) points[k] += other.points[k];
        changed += other.changed;
    }
};

// Scratch memory of one thread.
struct ScanMemory {
    std::vector<float> panel;
    std::vector<std::int32_t> waiting;
};

// Gives the points [first, last) their nearest centroid, of those equally near the first, and notes the
// changes.
void assign_points(const Points& points, const CentroidTable& centroids, const Movement& movement,
                   Assignment& assignment, std::int64_t first, std::int64_t last, ScanMemory& memory,
                   SegmentSums& changes);

// The nearest centroid of each of `count` single points (count x columns), as above.
void nearest_centroids(const float* points, std::int64_t count, const CentroidTable& centroids,
                       ScanMemory& memory, std::int32_t* nearest);

// The squared distances of the points [first, last) to their centroids.
void distances_to_centroids(const Points& points, const CentroidTable& centroids, const std::int32_t* segment,
                            std::int64_t first, std::int64_t last, double* squares);

// For k-means++, over the points [first, last): with `nearest`, the squared distance of each point to the
// nearest seed, adds to sums[c] what their sum would be if candidate c, a point, were taken too. take_seed()
// takes one, and returns the sum.
void sum_potentials(const Points& points, std::span<const std::int64_t> candidates, const float* nearest,
                    std::int64_t first, std::int64_t last, ScanMemory& memory, double* sums);
double take_seed(const Points& points, std::int64_t seed, float* nearest, std::int64_t first,
                 std::int64_t last, ScanMemory& memory);

}  // namespace personalize::core
