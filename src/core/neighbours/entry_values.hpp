// What one rating counts as when entities are compared (knn.hpp).
#pragma once

#include <cstddef>

#include "core/neighbours/knn.hpp"
#include "core/neighbours/rater_lists.hpp"

namespace personalize::core::knn {

// v as Similarity and UserWeighting say. A factor of a rater is in rater_weight, squared, so that values are
// few different ones; but where squares of single values are summed (pearson, adjusted_cosine) it is in the
// values. For rp3beta the weight is |I_u|^-alpha.
PairValues entry_values(const SparseMatrix& by_row, const SparseMatrix& by_column, const Options& options);

// Bytes that it allocates.
std::size_t entry_values_memory(const SparseMatrix& by_row, const SparseMatrix& by_column) noexcept;

bool over_common_raters(Similarity similarity) noexcept;

}  // namespace personalize::core::knn
