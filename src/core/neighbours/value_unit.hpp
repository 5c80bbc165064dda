// Sums over values of any size: kept in units of a power of two near the largest value, so that huge and tiny
// values neither overflow nor vanish.
#pragma once

#include <cmath>

namespace personalize::core {

// The unit of the values seen so far. A value is divided by it before it joins a sum; when the unit grows,
// sums over the values before must be multiplied by what raise_*() return, once for each factor that such a
// value is in a term.
struct ValueUnit {
    double size = 0;  // 0 before the first value that is not 0

    // A power of two: exact, or what it makes vanish is negligible.
    double raise_to(double to) noexcept {
        if (to == size) return 1;
        const double factor = size / to;
        size = to;
        return factor;
    }
    double raise_for(double value) noexcept {
        const double magnitude = std::fabs(value);
        if (magnitude == 0 || magnitude < 2 * size) return 1;
        if (std::isfinite(magnitude)) return raise_to(std::ldexp(1.0, std::ilogb(magnitude)));
        if (size == 0) size = 1;
        return 1;
    }
    double of(double value) const noexcept { return value == 0 ? 0 : value / size; }
};

}  // namespace personalize::core
