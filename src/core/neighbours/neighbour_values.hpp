// What the ratings are turned into before rows are compared (knn.hpp).
#pragma once

#include <vector>

#include "core/neighbours/knn.hpp"
#include "core/runtime/bulk_memory.hpp"

namespace personalize::core::knn {

struct Values {
    Similarity similarity;
    // A rater's values are all the same: then of_column is empty, and a product is the square of of_row.
    bool constant_by_rater = false;
    bool zero_is_absent = false;          // a dislike makes no member
    BulkVector<float> of_row, of_column;  // in the order of the two matrices
    std::vector<float> size;              // members of each row
    std::vector<float> factor;            // by which the sum of two rows is multiplied, once for each

    // The similarity divides by sums over common raters.
    bool over_common() const noexcept {
        return similarity == Similarity::pearson || similarity == Similarity::adjusted_cosine;
    }
};

Values prepare_values(const SparseMatrix& by_row, const SparseMatrix& by_column, const Options& options,
                      Host& host);

}  // namespace personalize::core::knn
