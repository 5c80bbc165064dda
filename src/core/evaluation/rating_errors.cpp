#include "core/evaluation/rating_errors.hpp"

#include <cmath>

namespace personalize::core {

namespace {

template <int kPower>
double power(double x) {
    return kPower == 2 ? x * x : x;
}

}  // namespace

template <int kPower>
void ErrorSums<kPower>::raise_scale(double to) noexcept {
    if (!(to > scale)) return;
    if (std::isfinite(sum)) sum *= power<kPower>(scale / to);
    scale = to;
}

template <int kPower>
void ErrorSums<kPower>::add(double predicted, double actual) noexcept {
    count++;
    double error = std::fabs(predicted - actual), unit = 1;
    if (std::isinf(error) && std::isfinite(predicted) && std::isfinite(actual)) {
        error = std::fabs(predicted / 2 - actual / 2);
        unit = 2;
    }
    if (error == 0) return;
    if (!std::isfinite(error)) {
        sum += error;
        return;
    }
    if (error >= 2 * scale) raise_scale(std::ldexp(1.0, std::ilogb(error)));
    sum += power<kPower>(unit * (error / scale));
}

template <int kPower>
void ErrorSums<kPower>::combine(const ErrorSums& other) noexcept {
    ErrorSums part = other;
    raise_scale(part.scale);
    part.raise_scale(scale);
    count += part.count;
    sum += part.sum;
}

template <int kPower>
std::optional<double> ErrorSums<kPower>::mean() const noexcept {
    if (count == 0) return std::nullopt;
    if (!std::isfinite(sum)) return sum;
    const double mean = sum / count;
    return scale * (kPower == 2 ? std::sqrt(mean) : mean);
}

template struct ErrorSums<1>;
template struct ErrorSums<2>;

}  // namespace personalize::core
