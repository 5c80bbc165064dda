#include "core/factorization/factors.hpp"

#include <algorithm>
#include <new>

namespace personalize::core {

namespace {

constexpr std::align_val_t kAlignment{kRowAlignment * sizeof(float)};

}  // namespace

void Factors::Free::operator()(float* p) const noexcept { ::operator delete[](p, kAlignment); }

std::size_t Factors::memory(std::int64_t rows, int width) noexcept {
    return static_cast<std::size_t>(rows) * static_cast<std::size_t>(padded(width)) * sizeof(float);
}

Factors::Factors(std::int64_t rows, int width)
    : data_(static_cast<float*>(::operator new[](memory(rows, width), kAlignment))),
      rows_(rows),
      width_(width),
      stride_(padded(width)) {
    std::fill_n(data_.get(), rows * stride_, 0.0f);
}

}  // namespace personalize::core
