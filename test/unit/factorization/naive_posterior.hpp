// Posteriors of rows written down as the formulas are, in double by Eigen.
#pragma once

#include <cmath>
#include <vector>

#include "core/factorization/normal_wishart.hpp"
#include "core/ratings/sparse_matrix.hpp"
#include "core/runtime/eigen.hpp"

namespace personalize::core::test {

// A mean of about .3 and a precision with strong correlations.
inline Gaussian made_gaussian(int rank, std::uint64_t seed) {
    Random random(seed, 0);
    Eigen::MatrixXd root(rank, rank);
    for (double& x : root.reshaped()) x = random.normal();
    const Eigen::MatrixXd precision = root * root.transpose() + Eigen::MatrixXd::Identity(rank, rank);
    Gaussian gaussian;
    for (int k = 0; k < rank; k++) gaussian.mean.push_back(.3 + .2 * random.normal());
    gaussian.precision.assign(precision.data(), precision.data() + precision.size());
    return gaussian;
}

struct NaivePosterior {
    Eigen::MatrixXd prior, gram, precision;
    Eigen::VectorXd prior_mean, rhs, mean;
    double squares = 0;

    explicit NaivePosterior(const Gaussian& gaussian) {
        const auto d = static_cast<Eigen::Index>(gaussian.mean.size());
        prior = Eigen::Map<const Eigen::MatrixXd>(gaussian.precision.data(), d, d);
        prior_mean = Eigen::Map<const Eigen::VectorXd>(gaussian.mean.data(), d);
        gram = Eigen::MatrixXd::Zero(d, d);
        rhs = Eigen::VectorXd::Zero(d);
    }
    void add(const Eigen::VectorXd& y, double value, double weight) {
        gram += weight * y * y.transpose();
        rhs += weight * value * y;
        squares += weight * value * value;
    }
    void solve(double weight = 1) {
        precision = prior + weight * gram;
        mean = precision.llt().solve(prior * prior_mean + weight * rhs);
    }
    double variance(const Eigen::VectorXd& y) const { return y.dot(precision.llt().solve(y)); }
    // Of value - x . y over the ratings, weights included.
    double expected_squares() const {
        return squares - 2 * mean.dot(rhs) + mean.dot(gram * mean) + precision.llt().solve(gram).trace();
    }
};

}  // namespace personalize::core::test
