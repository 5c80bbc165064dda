// Cholesky factors in double of small matrices, a few at a time: speed does not matter.
#pragma once

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace personalize::core {

// order x order, row-major.
struct SquareMatrix {
    explicit SquareMatrix(std::size_t n) : order(n), values(n * n) {}
    SquareMatrix(std::size_t n, std::vector<double> all) : order(n), values(std::move(all)) {}
    double& operator()(std::size_t row, std::size_t column) { return values[row * order + column]; }
    double operator()(std::size_t row, std::size_t column) const { return values[row * order + column]; }

    std::size_t order;
    std::vector<double> values;
};

// L of A = L L^T, zeros above its diagonal; only the lower triangle of A is read. Not a number where A is not
// positive definite.
inline SquareMatrix cholesky(const SquareMatrix& a) {
    SquareMatrix l(a.order);
    for (std::size_t i = 0; i < a.order; i++) {
        for (std::size_t j = 0; j <= i; j++) {
            double sum = a(i, j);
            for (std::size_t k = 0; k < j; k++) sum -= l(i, k) * l(j, k);
            l(i, j) = i == j ? std::sqrt(sum) : sum / l(j, j);
        }
    }
    return l;
}

// Solves L^T x = b in place.
inline void solve_transposed(const SquareMatrix& l, std::vector<double>& x) {
    for (std::size_t i = l.order; i-- > 0;) {
        for (std::size_t k = i + 1; k < l.order; k++) x[i] -= l(k, i) * x[k];
        x[i] /= l(i, i);
    }
}

}  // namespace personalize::core
