// The objective and its alternating solution written down as the formulas are, in double by Eigen: what the
// fast code is compared with.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/factorization/objective.hpp"
#include "core/ratings/sparse_matrix.hpp"
#include "core/runtime/eigen.hpp"

namespace personalize::core::test {

using Rows = std::vector<std::vector<double>>;  // x, and for models with biases b behind it

struct Naive {
    Objective objective;
    Rows users, items;

    Naive(const Objective& o, FactorsView u, FactorsView i)
        : objective(o), users(rows_of(u, 1)), items(rows_of(i, 0)) {}

    double ridge(double observed, double possible) const {
        if (objective.has_biases()) return objective.regularization * observed;
        return objective.regularization *
               std::pow(observed + objective.unobserved_weight * possible, objective.frequency_exponent);
    }

    double product(const std::vector<double>& x, const std::vector<double>& y) const {
        const auto d = static_cast<std::size_t>(objective.rank);
        double sum = objective.has_biases() ? x[d] + y[d] : 0;
        for (std::size_t k = 0; k < d; k++) sum += x[k] * y[k];
        return sum;
    }

    double loss(const SparseMatrix& by_user, const SparseMatrix& by_item) const {
        double sum = regularization(by_user, users) + regularization(by_item, items);
        for (std::int64_t u = 0; u < by_user.rows(); u++) {
            const SparseRow row = by_user.row(u);
            for (std::size_t k = 0; k < row.size(); k++) {
                const double error = product(users[u], items[row.columns[k]]) - target(row.values[k]);
                sum += weight(row.values[k]) * error * error;
            }
            if (objective.has_biases()) continue;
            for (const auto& item : items)
                sum += objective.unobserved_weight * std::pow(product(users[u], item), 2);
        }
        return sum;
    }

    // Solves all rows of one side.
    void solve(const SparseMatrix& matrix, const Rows& fixed, Rows& solved) const {
        for (std::int64_t r = 0; r < matrix.rows(); r++) solved[r] = solve_row(matrix.row(r), fixed);
    }

  private:
    double target(float value) const { return objective.has_biases() ? value : value > 0 ? 1 : 0; }
    double weight(float value) const { return objective.has_biases() ? 1 : std::fabs(value); }

    Rows rows_of(FactorsView factors, int bias) const {
        Rows rows;
        for (std::int64_t r = 0; r < factors.rows; r++) {
            const float* p = factors.row(r);
            rows.emplace_back(p, p + objective.rank);
            if (objective.has_biases()) rows.back().push_back(p[objective.rank + bias]);
        }
        return rows;
    }

    double regularization(const SparseMatrix& matrix, const Rows& factors) const {
        double sum = 0;
        for (std::int64_t r = 0; r < matrix.rows(); r++)
            for (const double x : factors[r])
                sum += x * x *
                       ridge(static_cast<double>(matrix.row(r).size()),
                             static_cast<double>(matrix.columns_count));
        return sum;
    }

    std::vector<double> solve_row(const SparseRow& row, const Rows& fixed) const {
        const int d = objective.rank, n = d + (objective.has_biases() ? 1 : 0);
        if (row.size() == 0) return std::vector<double>(static_cast<std::size_t>(n), 0.0);
        Eigen::MatrixXd a = Eigen::MatrixXd::Zero(n, n);
        Eigen::VectorXd b = Eigen::VectorXd::Zero(n);
        const auto add = [&](const std::vector<double>& factors, double c, double t) {
            Eigen::VectorXd y = Eigen::Map<const Eigen::VectorXd>(factors.data(), n);
            if (objective.has_biases()) {
                t -= y[d];
                y[d] = 1;
            }
            a += c * y * y.transpose();
            b += c * t * y;
        };
        if (!objective.has_biases())
            for (const auto& y : fixed) add(y, objective.unobserved_weight, 0);
        for (std::size_t k = 0; k < row.size(); k++)
            add(fixed[row.columns[k]], weight(row.values[k]), target(row.values[k]));
        a.diagonal().array() += ridge(static_cast<double>(row.size()), static_cast<double>(fixed.size()));
        const Eigen::VectorXd x = a.partialPivLu().solve(b);
        return {x.begin(), x.end()};
    }
};

}  // namespace personalize::core::test
