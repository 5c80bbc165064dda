// Rows of features as points of a space in which distances mean something.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/prepare/scaling.hpp"
#include "core/runtime/bulk_memory.hpp"
#include "core/runtime/host.hpp"
#include "core/runtime/memory_budget.hpp"

namespace personalize::core {

// Features are refused above this, and coordinates above kLargestCoordinate: squares of them must be finite,
// and sums of squares.
inline constexpr double kLargestFeature = 1e150, kLargestCoordinate = 1e15;
void check_coordinate(int column, double value);  // throws InvalidInput that names the feature, from 1

// x becomes (x - centre) x factor.
struct Axis {
    double centre = 0, factor = 1;

    double place(double x) const noexcept { return (x - centre) * factor; }
};

// A scale below this is none: the factor is 1.
inline constexpr double kLeastSpread = 1e-300;
Axis axis_of(const Scaling& scaling) noexcept;

// From features to coordinates.
struct Space {
    std::vector<Axis> axes;
    // Coordinates are floats rounded to whole multiples of 2^unit_exponent, of which the sum over all points
    // is below 2^62: it is exact in 64-bit integers, whatever the order in which they are added.
    int unit_exponent = -149;

    int columns() const noexcept { return static_cast<int>(axes.size()); }
    // Throws InvalidInput where a coordinate is above kLargestCoordinate.
    void place(const double* features, float* point) const;
};

// Points in an order that depends on what they are, not on the order of the rows that they came from: by a
// hash of their coordinates, then by these. So a prefix of them is a random sample.
struct Points {
    Space space;
    std::int64_t rows = 0;
    BulkVector<float> values;         // rows x columns, row after row; no negative zeros
    BulkVector<std::int32_t> origin;  // the number of each point's row in the input

    int columns() const noexcept { return space.columns(); }
    const float* row(std::int64_t r) const noexcept { return values.data() + r * columns(); }

    static std::size_t memory(std::int64_t rows, int columns) noexcept;  // while they are made, in bytes
};

// features: rows x columns, row after row, finite, up to kLargestFeature; rows < 2^31. The same for any
// number of threads. Throws InvalidInput that names the column (from 1) of a coordinate that is too large.
Points make_points(std::span<const double> features, std::vector<Axis> axes, int threads, Host& host);

}  // namespace personalize::core
