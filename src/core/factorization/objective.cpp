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

float default_regularization(Feedback feedback, bool gradient_descent) noexcept {
    if (gradient_descent) return .02f;
    return feedback == Feedback::explicit_feedback ? .12f : .004f;
}

}  // namespace personalize::core
