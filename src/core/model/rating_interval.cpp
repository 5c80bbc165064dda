#include "core/model/rating_interval.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace personalize::core {

namespace {

// z with P(|Z| <= z) = coverage, by halving: erf has no inverse in the standard library.
double two_sided_quantile(double coverage) {
    double low = 0, high = 40;
    for (int step = 0; step < 64; step++) {
        const double middle = (low + high) / 2;
        (std::erfc(middle / std::numbers::sqrt2) > 1 - coverage ? low : high) = middle;
    }
    return (low + high) / 2;
}

}  // namespace

RatingInterval interval_of(RatingDistribution distribution, double coverage, float lowest, float highest) {
    const auto clip = [&](double x) { return static_cast<float>(std::clamp<double>(x, lowest, highest)); };
    const double reach = two_sided_quantile(coverage) * static_cast<double>(distribution.deviation);
    return {clip(distribution.mean), clip(distribution.mean - reach), clip(distribution.mean + reach)};
}

}  // namespace personalize::core
