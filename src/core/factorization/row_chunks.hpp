// Cuts the rows of a matrix into chunks of bounded work, for parallel_chunks().
#pragma once

#include <cstdint>
#include <vector>

#include "core/ratings/sparse_matrix.hpp"

namespace personalize::core {

// What a row costs: per_row + per_observation * its observations.
struct RowCost {
    double per_row = 0, per_observation = 0;
};

// Chunk c is the rows [result[c], result[c + 1]); none costs more than `most` unless it is a single row.
// Depends on the matrix only.
std::vector<std::int64_t> row_chunks(const SparseMatrix& matrix, RowCost cost, double most);

}  // namespace personalize::core
