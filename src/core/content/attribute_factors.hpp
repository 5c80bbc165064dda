// What the attributes of items say about their factors.
#pragma once

#include <cstdint>
#include <span>

#include "core/factorization/factors.hpp"
#include "core/ratings/sparse_matrix.hpp"
#include "core/runtime/host.hpp"

namespace personalize::core {

// Ridge regression of factors y_i on features f_i: A and b minimize
//   sum_i w_i |y_i - A f_i - b|^2 + mu |A|^2
// over the items with w_i > 0, and f_i gives an item the prior mean A f_i + b (Agarwal and Chen 2009,
// "Regression-based Latent Factor Models"). mu is that of some powers of ten that does best on a fifth of the
// items after training on the others, for the first columns.
//
// `features` has a row for each item, and so have `weights` (>= 0, one at least above 0) and `factors`, of
// which the first `columns` columns are read, and written for the items of weight 0. Solved by conjugate
// gradients in double; the same bits for any number of threads. Polls the host.
void extend_by_attributes(const SparseMatrix& features, std::span<const float> weights, int columns,
                          int threads, Host& host, Factors& factors);

// Bytes that it allocates.
std::size_t extend_by_attributes_memory(const SparseMatrix& features, int columns, int threads) noexcept;

}  // namespace personalize::core
