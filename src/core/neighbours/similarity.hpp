// Similarity of two dense vectors.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace personalize::core {

// All sums are in double. Throw nothing; lengths must be equal (the caller checks and says which are not).
double dot(std::span<const float> a, std::span<const float> b) noexcept;
double dot(std::span<const double> a, std::span<const double> b) noexcept;

// a.b / (|a| |b|) in [-1, 1]; none where a vector is zero or empty. Large and tiny values neither overflow
// nor vanish.
std::optional<double> cosine(std::span<const float> a, std::span<const float> b) noexcept;
std::optional<double> cosine(std::span<const double> a, std::span<const double> b) noexcept;

// Pearson correlation in [-1, 1]: the cosine of the deviations from the means; none where one is constant or
// has fewer than two elements. Two passes, so that large means do not cancel.
std::optional<double> pearson(std::span<const float> a, std::span<const float> b) noexcept;
std::optional<double> pearson(std::span<const double> a, std::span<const double> b) noexcept;

// xy / (|x| |y|) in [-1, 1] of sums of products; none where a square is zero.
struct CosineSums {
    double xy = 0, xx = 0, yy = 0;
    std::optional<double> cosine() const noexcept;
};

}  // namespace personalize::core
