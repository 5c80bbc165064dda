// Cholesky factors of kLanes symmetric positive definite systems at a time, one in each lane: best for small
// ones.
//
// Every element is one chain of multiply-subtracts over ascending columns, as in dense_cholesky.hpp: a system
// gives the same bits here and there.
#pragma once

#include <cstddef>

#include "core/runtime/vectors.hpp"

namespace personalize::core {

inline constexpr int kCholeskyBlock = 4;

// 1 / root of a pivot. 0, which leaves the unknown at 0, where rounding has eaten the pivot up: dividing by
// what is left would let errors grow from column to column.
template <class T>
PERSONALIZE_INLINE T pivot_reciprocal(T pivot, T diagonal) {
    constexpr float kSmallestPivot = 1e-5f;  // of the diagonal element of A
    return if_above(pivot, diagonal * kSmallestPivot, 1 / square_root(pivot));
}

// Order of the system that holds `unknowns`: whole blocks, the rest being an identity times the ridge.
inline constexpr int cholesky_order(int unknowns) {
    return (unknowns + kCholeskyBlock - 1) / kCholeskyBlock * kCholeskyBlock;
}

// Where element (row, column), column <= row, of a packed lower triangle is: rows in blocks of four, a block
// by columns, so that the inner loops read contiguous memory.
inline constexpr std::size_t packed_index(int row, int column) {
    const auto block = static_cast<std::size_t>(row / kCholeskyBlock);
    constexpr std::size_t kArea = kCholeskyBlock * kCholeskyBlock;
    return block * (block + 1) / 2 * kArea + static_cast<std::size_t>(column) * kCholeskyBlock +
           static_cast<std::size_t>(row % kCholeskyBlock);
}
inline constexpr std::size_t packed_size(int order) { return packed_index(order, 0); }

// Replaces A (packed, `order` as cholesky_order() gives it) by L, A = L L^T, with reciprocals on its
// diagonal.
void factorize(Lanes* matrix, int order);

// Solves L L^T x = b in place.
void substitute(const Lanes* factor, int order, Lanes* x);

// The two halves of it: L x = b, and L^T x = b. `zeros`: as many elements at the start of b are known to be
// 0, a multiple of kCholeskyBlock.
void substitute_forward(const Lanes* factor, int order, Lanes* x, int zeros = 0);
void substitute_backward(const Lanes* factor, int order, Lanes* x);

}  // namespace personalize::core
