// The inverse of a large symmetric positive definite matrix, in its own place.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/runtime/bulk_memory.hpp"
#include "core/runtime/host.hpp"

namespace personalize::core {

// Row-major; elements on and below the diagonal count, those above it are scratch.
class SymmetricMatrix {
  public:
    explicit SymmetricMatrix(std::int64_t order)
        : order_(order), elements_(elements(order)) {}  // not initialized

    std::int64_t order() const noexcept { return order_; }
    std::int64_t stride() const noexcept { return stride(order_); }
    float* row(std::int64_t r) noexcept { return elements_.data() + r * stride(); }
    const float* row(std::int64_t r) const noexcept { return elements_.data() + r * stride(); }

    static std::size_t memory(std::int64_t order) noexcept { return elements(order) * sizeof(float); }

  private:
    // Whole cache lines, an odd number of them, so that a column does not fall into few sets of the cache.
    static constexpr std::int64_t stride(std::int64_t order) noexcept {
        constexpr std::int64_t kLine = 16;
        return ((order + kLine - 1) / kLine | 1) * kLine;
    }
    static std::size_t elements(std::int64_t order) noexcept {
        return static_cast<std::size_t>(order * stride(order));
    }

    std::int64_t order_;
    BulkVector<float> elements_;
};

// Columns that are swept at once.
inline constexpr std::int64_t kSweepWidth = 256;

// Replaces A by -A^-1. Blocks of columns are swept one after the other (Goodnight 1979, "A tutorial on the
// sweep operator", by blocks), so that nearly all of the n^3 / 2 multiply-adds are products of blocks, in
// float; the blocks on the diagonal are inverted in double. The same bits on any number of threads. Returns
// false, and a matrix half done, where A is not positive definite as far as floats can tell. Throws what
// host.poll() throws.
bool negative_inverse(SymmetricMatrix& a, int threads, Host& host);

// Bytes that it allocates: two panels of columns, blocks of double, and what products copy.
inline std::size_t negative_inverse_memory(std::int64_t order, int threads) noexcept {
    constexpr auto kBlock = static_cast<std::size_t>(kSweepWidth * kSweepWidth);
    return static_cast<std::size_t>(order) * (2 * kSweepWidth + 1) * sizeof(float) +
           kBlock * (4 * sizeof(double) + static_cast<std::size_t>(threads) * 4 * sizeof(float));
}

}  // namespace personalize::core
