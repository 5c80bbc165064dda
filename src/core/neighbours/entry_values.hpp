// What one rating counts as when entities are compared (knn.hpp).
#pragma once

#include <cstddef>
#include <vector>

#include "core/neighbours/knn.hpp"
#include "core/neighbours/rater_lists.hpp"

namespace personalize::core::knn {

// v as Similarity and UserWeighting say. A factor of a rater is in rater_weight, squared, so that values are
// few different ones; but where squares of single values are summed (pearson, adjusted_cosine) it is in the
// values. For rp3beta the weight is |I_u|^-alpha.
PairValues entry_values(const SparseMatrix& by_row, const SparseMatrix& by_column, const Options& options);

// Of each rater: the factor of its values, or for bm25 what is added to |v| in the denominator; 0 of one
// without ratings.
std::vector<double> rater_factors(const SparseMatrix& by_row, const SparseMatrix& by_column,
                                  const Options& options);
// From a mean; where the value is the mean but for rounding there is none.
double deviation(double value, double mean) noexcept;
// bm25 of a value, with the rater's term of the denominator.
double saturated(double value, double denominator) noexcept;

// Bytes that entry_values() allocates.
std::size_t entry_values_memory(const SparseMatrix& by_row, const SparseMatrix& by_column) noexcept;

bool over_common_raters(Similarity similarity) noexcept;

}  // namespace personalize::core::knn
