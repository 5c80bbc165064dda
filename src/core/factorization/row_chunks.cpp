#include "core/factorization/row_chunks.hpp"

namespace personalize::core {

std::vector<std::int64_t> row_chunks(const SparseMatrix& matrix, RowCost cost, double most) {
    std::vector<std::int64_t> bounds{0};
    double total = 0;
    for (std::int64_t r = 0; r < matrix.rows(); r++) {
        const auto observations = static_cast<double>(matrix.start[r + 1] - matrix.start[r]);
        const double row = cost.per_row + cost.per_observation * observations;
        if (total + row > most && r > bounds.back()) {
            bounds.push_back(r);
            total = 0;
        }
        total += row;
    }
    if (matrix.rows() > 0) bounds.push_back(matrix.rows());
    return bounds;
}

}  // namespace personalize::core
