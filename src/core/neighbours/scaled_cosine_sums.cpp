#include "core/neighbours/scaled_cosine_sums.hpp"

#include <algorithm>

#include "core/neighbours/similarity.hpp"

namespace personalize::core {

void ScaledCosineSums::rescale(double x_factor, double y_factor) noexcept {
    if (x_factor == 1 && y_factor == 1) return;
    xy = xy * x_factor * y_factor;
    xx = xx * x_factor * x_factor;
    yy = yy * y_factor * y_factor;
}

void ScaledCosineSums::add(double x_value, double y_value) noexcept {
    rescale(x.raise_for(x_value), y.raise_for(y_value));
    const double a = x.of(x_value), b = y.of(y_value);
    xy += a * b;
    xx += a * a;
    yy += b * b;
}

void ScaledCosineSums::combine(const ScaledCosineSums& other) noexcept {
    ScaledCosineSums part = other;
    const double x_size = std::max(x.size, part.x.size), y_size = std::max(y.size, part.y.size);
    rescale(x.raise_to(x_size), y.raise_to(y_size));
    part.rescale(part.x.raise_to(x_size), part.y.raise_to(y_size));
    xy += part.xy;
    xx += part.xx;
    yy += part.yy;
}

std::optional<double> ScaledCosineSums::cosine() const noexcept { return CosineSums{xy, xx, yy}.cosine(); }

}  // namespace personalize::core
