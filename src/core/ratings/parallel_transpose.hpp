// transpose() of sparse_matrix.hpp on several threads.
#pragma once

#include <cstddef>

#include "core/ratings/sparse_matrix.hpp"

namespace personalize::core {

// The same matrix as transpose(matrix, host).
SparseMatrix transpose(const SparseMatrix& matrix, int threads, Host& host);

// Bytes that it takes while it runs, beside the result: at most 2 for each entry, or one counter a column.
std::size_t transpose_memory(const SparseMatrix& matrix) noexcept;

}  // namespace personalize::core
