#include "core/factorization/factors.hpp"

namespace personalize::core {

std::size_t Factors::memory(std::int64_t rows, int width) noexcept {
    return static_cast<std::size_t>(rows) * static_cast<std::size_t>(padded(width)) * sizeof(float);
}

Factors::Factors(std::int64_t rows, int width)
    : data_(memory(rows, width) / sizeof(float), 0.0f), rows_(rows), width_(width), stride_(padded(width)) {}

}  // namespace personalize::core
