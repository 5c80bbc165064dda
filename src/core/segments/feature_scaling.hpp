// How columns of features become axes of one space.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/runtime/host.hpp"
#include "core/segments/points.hpp"

namespace personalize::core {

// Stored in models: never renumber. As core/prepare/scaling.hpp has them. none: distances stay as they are,
// but for one factor for all columns.
enum class FeatureScaling : std::uint8_t { none, zscore, min_max, robust };

// features: rows x columns, row after row, finite, up to kLargestFeature; at least one row. A column that is
// constant gets the factor 1. Sums are made of whole numbers, so that not even roundings depend on the order
// of the rows or on threads. `none` takes each column's mean off and divides all by the same power of two: no
// coordinate is above 1.
std::vector<Axis> make_axes(std::span<const double> features, int columns, FeatureScaling scaling,
                            int threads, Host& host);

// As exact, of values that are finite; at least one.
double exact_mean(std::span<const double> values, Host& host);

// Bytes that make_axes() takes.
std::size_t axes_memory(std::int64_t rows, FeatureScaling scaling, int threads) noexcept;

}  // namespace personalize::core
