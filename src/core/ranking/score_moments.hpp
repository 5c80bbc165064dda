// How a user's scores are spread over all items, for models of factors without scoring any.
#pragma once

#include <cstddef>
#include <span>

#include "core/factorization/factors.hpp"
#include "core/runtime/host.hpp"

namespace personalize::core {

// Of the population. The deviation is 0 where it is no more than rounding leaves of scores that are alike
// (2^-20 of their root mean square), or where it is not finite.
struct ScoreMoments {
    double mean, deviation;
};

// Of one score or more; sums are made in double and in one order.
ScoreMoments score_moments(std::span<const float> scores) noexcept;

// What the scores x . y of any x need of the rows y: their mean m, then their covariance matrix
// C = E (y - m) (y - m)^T by rows; width + width^2 numbers. There is at least one row.
constexpr std::size_t row_moments_size(int width) noexcept {
    return static_cast<std::size_t>(width) * (static_cast<std::size_t>(width) + 1);
}
// O(rows x width^2). Throws what host.poll() throws.
void row_moments(FactorsView rows, std::span<double> moments, Host& host);

// Of offset + x . y over all rows y: offset + x . m and (x^T C x)^(1/2). O(width^2).
ScoreMoments score_moments(std::span<const double> moments_of_rows, std::span<const float> x, float offset);

}  // namespace personalize::core
