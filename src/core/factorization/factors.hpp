// Factors: one row of floats for every user or item.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/runtime/bulk_memory.hpp"

namespace personalize::core {

// Rows start at multiples of this many floats (64 bytes); the rest of a row is zero.
inline constexpr int kRowAlignment = 16;
inline constexpr int padded(int width) { return (width + kRowAlignment - 1) / kRowAlignment * kRowAlignment; }

// A view of `rows` rows of `width` floats, `stride` apart, 64-byte aligned.
//
// The width is the rank d for implicit models. Models with biases have two more columns, so that a dot
// product is all that scoring needs: a user's row is (x_u, 1, b_u), an item's row is (y_i, b_i, 1).
struct FactorsView {
    const float* data = nullptr;
    std::int64_t rows = 0;
    int width = 0;
    int stride = 0;
    const float* row(std::int64_t r) const noexcept { return data + r * stride; }
};

class Factors {
  public:
    Factors() = default;
    Factors(Factors&&) = default;
    Factors& operator=(Factors&&) = default;
    Factors(std::int64_t rows, int width);  // zeros
    float* row(std::int64_t r) noexcept { return data_.data() + r * stride_; }
    const float* row(std::int64_t r) const noexcept { return data_.data() + r * stride_; }
    FactorsView view() const noexcept { return {data_.data(), rows_, width_, stride_}; }
    std::int64_t rows() const noexcept { return rows_; }
    int width() const noexcept { return width_; }
    int stride() const noexcept { return stride_; }
    static std::size_t memory(std::int64_t rows,
                              int width) noexcept;  // bytes that Factors(rows, width) takes

  private:
    BulkVector<float> data_;
    std::int64_t rows_ = 0;
    int width_ = 0, stride_ = 0;
};

}  // namespace personalize::core
