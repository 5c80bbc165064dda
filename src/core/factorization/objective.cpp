#include "core/factorization/objective.hpp"

#include <algorithm>
#include <cmath>

namespace personalize::core {

float Objective::ridge(std::int64_t observed, std::int64_t possible) const noexcept {
    const auto n = static_cast<double>(observed);
    if (has_biases()) return static_cast<float>(regularization * n);
    const double weight = n + unobserved_weight * static_cast<double>(possible);
    return static_cast<float>(regularization * std::pow(weight, frequency_exponent));
}

float default_unobserved_weight(std::int64_t users, std::int64_t items, std::int64_t observed) noexcept {
    const double pairs = std::max(1.0, static_cast<double>(users) * static_cast<double>(items));
    return static_cast<float>(std::clamp(15 * static_cast<double>(observed) / pairs, .001, 1.0));
}

// Of few items each could have a direction of its own: lambda is what lets them share. A user's ridge stays
// below 1.5, so that what they chose is heard.
float default_regularization(std::int64_t users, std::int64_t items, std::int64_t observed,
                             float unobserved_weight) noexcept {
    constexpr double kLeast = .004, kMost = .03, kFewItems = 1000, kMostRidge = 1.5;
    const auto n = static_cast<double>(std::max<std::int64_t>(items, 1));
    const double per_user =
        static_cast<double>(observed) / static_cast<double>(std::max<std::int64_t>(users, 1));
    const double few = kLeast * std::pow(kFewItems / n, .9),
                 heard = kMostRidge / (per_user + unobserved_weight * n);
    return static_cast<float>(std::max(kLeast, std::min({few, heard, kMost})));
}

float default_explicit_regularization(bool gradient_descent) noexcept {
    return gradient_descent ? .02f : .12f;
}

}  // namespace personalize::core
