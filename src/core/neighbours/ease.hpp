// EASE: each item's score as a linear function of the others that a user has, the best such function in
// closed form.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/ratings/sparse_matrix.hpp"
#include "core/runtime/host.hpp"

namespace personalize::core::ease {

// min |X - X B|^2 + lambda |B|^2 with zeros on the diagonal of B (Steck 2019, equations 3 to 8). X is users x
// items, G = X^T X + lambda I, P = G^-1: B_ij = -P_ij / P_jj.
struct Options {
    float lambda =
        250;  // > 0: more makes weights smaller and smoother; 50 to 1,000 is usual, more for more users
    // In [0, 1): EDLAE (Steck 2020, equation 9) trains to fill in items that are left out with this
    // probability: it adds dropout / (1 - dropout) times the diagonal of X^T X to G.
    float dropout = 0;
    int neighbours = 200;  // >= 1: weights kept in each row, those of greatest absolute value
    int threads = 1;
};

// `by_item` has items as rows and users as columns; `by_user` is its transpose; values are finite. Returns
// items x items: row i has weights B_ij, negative ones too, so that a score is
//   score_uj = sum over the items i of u of x_ui B_ij.
// Of equal absolute value the smaller index is kept; zeros are left out. G is summed in double and kept in
// float; its inverse is that of symmetric_inverse.hpp. Time: n^3 / 2 multiply-adds for n items. No thread
// count changes a bit.
//
// Throws InvalidInput (options out of range; G is not positive definite as far as floats can tell, because
// lambda is too small), what host.poll() throws.
SparseMatrix train(const SparseMatrix& by_item, const SparseMatrix& by_user, const Options& options,
                   Host& host);

// Bytes that train() allocates at most, its result included: 4 n^2 for n items and some more.
std::size_t memory(const SparseMatrix& by_item, const SparseMatrix& by_user, const Options& options) noexcept;

}  // namespace personalize::core::ease
