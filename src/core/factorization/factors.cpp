#include "core/factorization/factors.hpp"

#include <algorithm>

namespace personalize::core {

std::size_t Factors::memory(std::int64_t rows, int width) noexcept {
    return static_cast<std::size_t>(rows) * static_cast<std::size_t>(padded(width)) * sizeof(float);
}

Factors::Factors(std::int64_t rows, int width)
    : data_(memory(rows, width) / sizeof(float)), rows_(rows), width_(width), stride_(padded(width)) {
    // Those who fill large ones touch them first, on their threads: here it would take long, and nobody is
    // polled.
    if (!bulk_is_zero(memory(rows, width))) std::fill(data_.begin(), data_.end(), 0.0f);
}

}  // namespace personalize::core
