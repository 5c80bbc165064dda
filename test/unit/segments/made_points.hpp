// Points to divide into segments, and their segments by brute force.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/runtime/random.hpp"
#include "core/segments/points.hpp"

namespace personalize::core {

using Table = std::vector<double>;  // rows x columns

// As they are: no scaling.
inline Points points_of(const Table& table, int columns, int threads = 1) {
    QuietHost host;
    return make_points(table, std::vector<Axis>(static_cast<std::size_t>(columns)), threads, host);
}

inline Table gaussian(std::int64_t rows, int columns, std::uint64_t seed) {
    Random random(seed, 0);
    Table table;
    for (std::int64_t k = 0; k < rows * columns; k++) table.push_back(random.normal());
    return table;
}

// Whole numbers: many rows are equal, and many distances.
inline Table lattice(std::int64_t rows, int columns, int width, std::uint64_t seed) {
    Random random(seed, 1);
    Table table;
    for (std::int64_t k = 0; k < rows * columns; k++)
        table.push_back(static_cast<double>(random.below(static_cast<std::uint64_t>(width))));
    return table;
}

inline Table blobs(std::int64_t rows, int columns, int count, double spread, std::uint64_t seed) {
    Random random(seed, 2);
    const Table centres = gaussian(count, columns, seed + 1);
    Table table;
    for (std::int64_t r = 0; r < rows; r++) {
        const auto c = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(count)));
        for (int j = 0; j < columns; j++)
            table.push_back(centres[c * columns + j] + spread * random.normal());
    }
    return table;
}

inline Table with_constant_column(Table table, int columns) {
    for (std::size_t k = 0; k < table.size(); k += static_cast<std::size_t>(columns)) table[k] = 7;
    return table;
}

inline double brute_distance(const float* x, const double* y, int columns) {
    double sum = 0;
    for (int j = 0; j < columns; j++) sum += (x[j] - y[j]) * (x[j] - y[j]);
    return sum;
}

}  // namespace personalize::core
