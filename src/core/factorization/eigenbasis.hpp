// The fixed side of a half step in the basis in which its Gram matrix is diagonal.
#pragma once

#include <cstdint>

#include "core/factorization/aligned_floats.hpp"
#include "core/factorization/factors.hpp"
#include "core/runtime/host.hpp"

namespace personalize::core {

// a0 Y^T Y = Q L Q^T: the rows of Y Q, and L. Ridges differ from row to row, and L + ridge I is diagonal for
// all of them.
class Eigenbasis {
  public:
    Eigenbasis(std::int64_t most_rows, int rank);

    // base_gram: of `factors`, as fold_in.hpp says. Cannot be cancelled while it finds the eigenvectors: 6 ms
    // at rank 256, 50 at 512. Throws InvalidInput where they are not finite.
    void compute(FactorsView factors, const float* base_gram, int threads, Host& host);

    FactorsView rotated() const noexcept { return rotated_.view(); }  // Y Q
    // L, padded(rank) floats: ascending and not negative, then zeros.
    const float* values() const noexcept { return values_.get(); }
    float largest_value() const noexcept { return values_[rank_ - 1]; }

    // out = rows Q^T, kLanes rows of padded(rank) floats each.
    void rotate_back(const float* rows, float* out) const;

    static std::size_t memory(std::int64_t most_rows, int rank) noexcept;

  private:
    void decompose(const float* base_gram);
    void rotate(FactorsView factors, std::int64_t first, float* scratch);

    int rank_, stride_;
    AlignedFloats basis_, transposed_;  // Q and Q^T, stride_ x stride_
    AlignedFloats values_;
    Factors rotated_;
};

}  // namespace personalize::core
