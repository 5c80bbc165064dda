#include "core/evaluation/mf_search.hpp"

#include <algorithm>
#include <cmath>

#include "core/runtime/random.hpp"

namespace personalize::core {

namespace {

constexpr int kFactorStep = 16;
constexpr double kNearby = .7;  // standard deviation of the logarithm

int as_factors(double wanted, int most) {
    const int rounded = std::max(1, static_cast<int>(std::lround(wanted / kFactorStep))) * kFactorStep;
    return std::min(rounded, most);
}

int as_iterations(double wanted) {
    return std::clamp(static_cast<int>(std::lround(wanted)), MfSearchSpace::kFewestIterations,
                      MfSearchSpace::kMostIterations);
}

float within_spread(double wanted, float center) {
    return static_cast<float>(
        std::clamp(wanted, center / MfSearchSpace::kSpread, center * MfSearchSpace::kSpread));
}

float spread(float center, double factor) { return within_spread(center * factor, center); }

// Uniform in the logarithm between low and high.
double log_uniform(Random& random, double low, double high) {
    return low * std::pow(high / low, random.uniform());
}

// A factor around one.
double change(Random& random) { return std::exp(kNearby * random.normal()); }

}  // namespace

MfOptions random_settings(const MfSearchSpace& space, std::uint64_t seed, int trial) {
    MfOptions settings = space.base;
    if (trial == 1) return settings;
    Random random(seed, static_cast<std::uint64_t>(trial));
    // Each is drawn, wanted or not, so that what is searched does not change the others.
    const double factors = log_uniform(random, std::min(kFactorStep, space.max_factors), space.max_factors);
    const double iterations =
        log_uniform(random, MfSearchSpace::kFewestIterations, MfSearchSpace::kMostIterations);
    const double regularization = log_uniform(random, 1 / MfSearchSpace::kSpread, MfSearchSpace::kSpread);
    const double weight = log_uniform(random, 1 / MfSearchSpace::kSpread, MfSearchSpace::kSpread);
    if (space.factors) settings.factors = as_factors(factors, space.max_factors);
    if (space.iterations) settings.iterations = as_iterations(iterations);
    if (space.regularization) settings.regularization = spread(*space.base.regularization, regularization);
    if (space.unobserved_weight) settings.unobserved_weight = spread(*space.base.unobserved_weight, weight);
    return settings;
}

MfOptions settings_near(const MfOptions& good, const MfSearchSpace& space, std::uint64_t seed, int trial) {
    MfOptions settings = good;
    Random random(seed, static_cast<std::uint64_t>(trial));
    const double changes[] = {change(random), change(random), change(random), change(random)};
    if (space.factors) settings.factors = as_factors(good.factors * changes[0], space.max_factors);
    if (space.iterations) settings.iterations = as_iterations(good.iterations * changes[1]);
    if (space.regularization)
        settings.regularization =
            within_spread(*good.regularization * changes[2], *space.base.regularization);
    if (space.unobserved_weight)
        settings.unobserved_weight =
            within_spread(*good.unobserved_weight * changes[3], *space.base.unobserved_weight);
    return settings;
}

}  // namespace personalize::core
