// Cholesky factor of one symmetric positive definite system of any size.
#pragma once

#include <cstddef>

#include "core/factorization/aligned_floats.hpp"

namespace personalize::core {

// Every element is one chain of multiply-subtracts, as in lane_cholesky.hpp: same system, same bits.
// Allocates in its constructor only.
class DenseCholesky {
  public:
    DenseCholesky() = default;
    explicit DenseCholesky(int most_order);

    // Where A goes before factorize(order): row-major, `order` (a multiple of kRowAlignment) floats a row;
    // only elements on and above the diagonal are read.
    float* upper() noexcept { return upper_.get(); }

    // A = R^T R.
    void factorize(int order);

    // Solves R^T R x = b in place.
    void substitute(int order, float* x) const;

    static std::size_t memory(int most_order) noexcept;

  private:
    void reduce_rows(int first, int order);
    void mirror(int order);

    AlignedFloats upper_;       // R without its diagonal, zeros below it
    AlignedFloats lower_;       // R^T likewise
    AlignedFloats reciprocal_;  // of R's diagonal
};

}  // namespace personalize::core
