// How far a point is from all points of each segment.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace personalize::core {

// rows: points of `columns` floats, in order of their segment; segment s is [start[s], start[s + 1]). For
// each of the points [first, last), sums[(r - first) * segments + s] becomes the sum of its distances to
// segment s. Relative error below 1e-5.
void sum_distances(const float* rows, int columns, std::span<const std::int64_t> start, std::int64_t first,
                   std::int64_t last, std::vector<float>& scratch, double* sums);

}  // namespace personalize::core
