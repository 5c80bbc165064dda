#include "core/factorization/normal_wishart.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "core/runtime/eigen.hpp"

namespace personalize::core {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;

Factors made_rows(std::int64_t rows, int rank) {
    Factors factors(rows, rank);
    Random random(3, 0);
    for (std::int64_t r = 0; r < rows; r++) {
        float* const row = factors.row(r);
        for (int k = 0; k < rank; k++)
            row[k] = static_cast<float>(random.normal() * (1 + k) + .5 + (k > 0 ? .7 * row[0] : 0));
    }
    return factors;
}

RowSums sums_of(const Factors& factors, int rank, int threads = 1) {
    QuietHost host;
    return row_sums(factors.view(), rank, threads, host);
}

TEST(NormalWishart, GammaHasItsMoments) {
    for (const double shape : {.5, 1.0, 7.3, 400.0}) {
        Random random(5, 0);
        constexpr int kDraws = 200'000;
        double mean = 0, square = 0;
        for (int k = 0; k < kDraws; k++) {
            const double x = draw_gamma(shape, random);
            ASSERT_GT(x, 0);
            mean += x / kDraws;
            square += (x - shape) * (x - shape) / kDraws;
        }
        EXPECT_NEAR(mean, shape, 5 * std::sqrt(shape / kDraws));
        EXPECT_NEAR(square / shape, 1, .04);
    }
}

TEST(NormalWishart, SumsAreThoseOfTheRows) {
    const int rank = 5;
    const Factors factors = made_rows(5000, rank);
    const RowSums sums = sums_of(factors, rank);
    Vector sum = Vector::Zero(rank);
    Matrix products = Matrix::Zero(rank, rank);
    for (std::int64_t r = 0; r < factors.rows(); r++) {
        const Vector x = Eigen::Map<const Eigen::VectorXf>(factors.row(r), rank).cast<double>();
        sum += x;
        products += x * x.transpose();
    }
    EXPECT_EQ(sums.rows, 5000);
    for (int i = 0; i < rank; i++) {
        EXPECT_NEAR(sums.sum[i], sum(i), 1e-9 * 5000);
        for (int j = 0; j < rank; j++) EXPECT_NEAR(sums.products[i * rank + j], products(i, j), 1e-9 * 5e5);
    }
}

TEST(NormalWishart, SumsDoNotDependOnThreads) {
    const Factors factors = made_rows(70'000, 4);
    const RowSums one = sums_of(factors, 4), three = sums_of(factors, 4, 3);
    EXPECT_EQ(one.sum, three.sum);
    EXPECT_EQ(one.products, three.products);
}

// E precision = v W, Var precision_ij = v (W_ij^2 + W_ii W_jj), and the mean is N(sum / beta, (beta
// precision)^-1).
TEST(NormalWishart, GaussiansHaveTheMomentsOfThePosterior) {
    const int rank = 3, rows = 20, draws = 20'000;
    const RowSums sums = sums_of(made_rows(rows, rank), rank);
    const Vector sum = Eigen::Map<const Vector>(sums.sum.data(), rank);
    const double beta = 2 + rows, freedom = rank + rows;
    const Vector sample_mean = sum / rows;
    const Matrix scatter = Eigen::Map<const Matrix>(sums.products.data(), rank, rank) -
                           rows * sample_mean * sample_mean.transpose();
    const Matrix inverse_scale =
        Matrix::Identity(rank, rank) + scatter + 2.0 * rows / beta * sample_mean * sample_mean.transpose();
    const Matrix scale = inverse_scale.inverse();
    Matrix precision = Matrix::Zero(rank, rank), squares = precision, spread = precision;
    Vector mean = Vector::Zero(rank);
    Random random(9, 0);
    for (int k = 0; k < draws; k++) {
        const Gaussian g = draw_gaussian(sums, random);
        const Matrix p = Eigen::Map<const Matrix>(g.precision.data(), rank, rank);
        const Vector m = Eigen::Map<const Vector>(g.mean.data(), rank);
        precision += p / draws;
        squares += (p - freedom * scale).array().square().matrix() / draws;
        mean += m / draws;
        spread += (m - sum / beta) * (m - sum / beta).transpose() / draws;
    }
    const Matrix expected_spread = inverse_scale / (beta * (freedom - rank - 1));
    for (int i = 0; i < rank; i++) {
        EXPECT_NEAR(mean(i), sum(i) / beta, 5 * std::sqrt(expected_spread(i, i) / draws));
        for (int j = 0; j < rank; j++) {
            const double root = std::sqrt(scale(i, i) * scale(j, j));
            const double variance = freedom * (scale(i, j) * scale(i, j) + root * root);
            EXPECT_NEAR(precision(i, j), freedom * scale(i, j), 5 * std::sqrt(variance / draws));
            EXPECT_NEAR(squares(i, j) / variance, 1, .08);
            EXPECT_NEAR(spread(i, j), expected_spread(i, j),
                        .06 * std::sqrt(expected_spread(i, i) * expected_spread(j, j)));
        }
    }
}

TEST(NormalWishart, NoRowsGiveThePrior) {
    const RowSums none = sums_of(Factors(0, 2), 2);
    Random random(1, 0);
    double precision = 0;
    for (int k = 0; k < 20'000; k++) precision += draw_gaussian(none, random).precision[0] / 20'000;
    EXPECT_NEAR(precision, 2, .1);
}

}  // namespace
}  // namespace personalize::core
