#include "core/prepare/number_summary.hpp"

#include <cmath>

#include "core/prepare/moments.hpp"
#include "core/prepare/quantiles.hpp"
#include "core/runtime/poll_counter.hpp"

namespace personalize::core {

NumberSummary summarize_numbers(std::span<double> values, Host& host) {
    constexpr double kShares[] = {0, 0.25, 0.5, 0.75, 1};
    const auto quantile = quantiles(values, kShares, host);
    const TukeyFences fences(quantile[1], quantile[3]);
    const bool finite = std::isfinite(quantile.front()) && std::isfinite(quantile.back());
    NumberSummary result{{}, {}, quantile[0], quantile[1], quantile[2], quantile[3], quantile[4], 0};
    Moments moments;
    PollCounter progress(host);
    for (const double x : values) {
        result.outliers += fences.is_outlier(x);
        if (finite) moments.add(x);
        progress.count();
    }
    if (finite) {
        result.mean = static_cast<double>(moments.mean());
        result.deviation = static_cast<double>(moments.deviation());
    }
    return result;
}

}  // namespace personalize::core
