// Quantiles as percentile_cont of SQL takes them: between two neighbours by linear interpolation.
#pragma once

#include <span>
#include <vector>

#include "core/runtime/host.hpp"

namespace personalize::core {

// shares: ascending, in [0, 1]. Returns one quantile for each; `values` (not NaN, at least one) are put in
// another order. O(values x log shares) on average. Polls the host.
std::vector<double> quantiles(std::span<double> values, std::span<const double> shares, Host& host);

// What lies more than 1.5 interquartile ranges beyond the quartiles (Tukey 1977, "Exploratory Data
// Analysis").
class TukeyFences {
  public:
    TukeyFences(double lower_quartile, double upper_quartile) noexcept;
    bool is_outlier(double x) const noexcept { return x < lower_ || x > upper_; }

  private:
    long double lower_, upper_;  // beyond the largest double, perhaps
};

}  // namespace personalize::core
