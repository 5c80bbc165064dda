#include "core/prepare/moments.hpp"

#include <cmath>

namespace personalize::core {

long double Moments::deviation() const noexcept {
    return count_ == 0 ? 0 : std::sqrt(squares_ / static_cast<long double>(count_));
}

}  // namespace personalize::core
