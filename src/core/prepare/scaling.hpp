// How the values of a column are put on a common scale.
#pragma once

#include <span>

#include "core/prepare/moments.hpp"
#include "core/runtime/host.hpp"

namespace personalize::core {

// x becomes (x - centre) / scale. Plain data. Never overflows: both are held in extended precision.
struct Scaling {
    long double centre = 0;
    long double scale = 1;  // not 0: where there is nothing to divide by it is 1, as in scikit-learn

    double operator()(double x) const noexcept { return static_cast<double>((x - centre) / scale); }
};

// Mean 0 and deviation 1 (of the population, as StandardScaler of scikit-learn).
Scaling standard_scaling(const Moments& column) noexcept;
// Minimum 0 and maximum 1.
Scaling min_max_scaling(const Moments& column) noexcept;
// Median 0 and interquartile range 1 (RobustScaler); where that range is 0, only the median is taken off.
// `values` (finite, at least one) are put in another order. Polls the host.
Scaling robust_scaling(std::span<double> values, Host& host);

}  // namespace personalize::core
