#include "core/prepare/scaling.hpp"

#include "core/prepare/quantiles.hpp"

namespace personalize::core {

namespace {

Scaling without_zero(long double centre, long double scale) noexcept {
    return {centre, scale > 0 ? scale : 1};
}

}  // namespace

Scaling standard_scaling(const Moments& column) noexcept {
    return without_zero(column.mean(), column.deviation());
}

Scaling min_max_scaling(const Moments& column) noexcept {
    return without_zero(column.minimum(), static_cast<long double>(column.maximum()) - column.minimum());
}

Scaling robust_scaling(std::span<double> values, Host& host) {
    constexpr double kQuartiles[] = {0.25, 0.5, 0.75};
    const auto quartile = quantiles(values, kQuartiles, host);
    return without_zero(quartile[1], static_cast<long double>(quartile[2]) - quartile[0]);
}

}  // namespace personalize::core
