// Centroids as the scan for the nearest of them reads them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/runtime/host.hpp"

namespace personalize::core {

// For scores computed in floats: s = |c|^2 - 2 x.c, which lacks |x|^2 to the squared distance. A float score
// is off by less than error x (|x|^2 + |c|^2) + kLeastError (Higham 2002, "Accuracy and Stability of
// Numerical Algorithms", section 3.1, with room for the rounding of c itself). `start` takes the centroid's
// part of it off, so that a score is too low by at most `slack`, apart from the point's part.
struct CentroidTable {
    static constexpr int kTile = 4;
    static constexpr float kLeastError = 1e-33f;

    int count = 0, columns = 0;
    float error = 0;
    std::vector<double> exact;        // count x columns
    std::vector<float> rounded;       // the same as floats
    std::vector<float> rounding;      // at least the distance between the two, for each centroid
    std::vector<float> tiles;         // -2 c: kTile centroids at a time, column after column
    std::vector<float> start, slack;  // padded to whole tiles, with infinity
    std::vector<float> half_gap;      // at most half the distance to the nearest other one; may be 0

    const double* centroid(int c) const noexcept { return exact.data() + std::int64_t{c} * columns; }
    const float* rounded_centroid(int c) const noexcept { return rounded.data() + std::int64_t{c} * columns; }
};

// `centroids`: count x columns, within kLargestCoordinate.
CentroidTable make_centroid_table(std::span<const double> centroids, int columns, Host& host);

double squared_distance(const double* a, const double* b, int columns) noexcept;

}  // namespace personalize::core
