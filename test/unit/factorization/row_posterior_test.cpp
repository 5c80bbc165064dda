#include "core/factorization/row_posterior.hpp"

#include <gtest/gtest.h>

#include "factorization/made_ratings.hpp"
#include "factorization/naive_posterior.hpp"

namespace personalize::core {
namespace {

using test::made_gaussian;
using test::NaivePosterior;

constexpr int kFirst = 3;  // column of the factors that are used

class RowPosteriorAtRank : public testing::TestWithParam<int> {
  protected:
    RowPosteriorAtRank()
        : rank(GetParam()),
          factors(90, kFirst + rank),
          mean(static_cast<std::size_t>(rank)),
          roots(90),
          ratings(test::made_weights(4, 90, .4)) {
        Random random(2, 0);
        for (std::int64_t r = 0; r < factors.rows(); r++)
            for (int k = 0; k < factors.width(); k++) factors.row(r)[k] = static_cast<float>(random.normal());
        for (float& x : mean) x = static_cast<float>(random.normal());
        for (float& x : roots) x = static_cast<float>(.5 + random.uniform());
        ratings.start.push_back(ratings.start.back());  // the last has none
    }

    RatedFactors rated() const { return {factors.view(), kFirst, 1.7f, roots.data(), mean.data(), 2.5f}; }

    Eigen::VectorXd row(std::int32_t r) const {
        Eigen::VectorXd y(rank);
        for (int k = 0; k < rank; k++) y(k) = factors.row(r)[kFirst + k] + mean[k];
        return y;
    }

    NaivePosterior naive(std::int64_t r) const {
        NaivePosterior posterior(made_gaussian(rank, static_cast<std::uint64_t>(r)));
        const SparseRow of = ratings.row(r);
        for (std::size_t k = 0; k < of.size(); k++)
            posterior.add(row(of.columns[k]), of.values[k] / 2.5, std::pow(1.7 * roots[of.columns[k]], 2));
        posterior.solve();
        return posterior;
    }

    // Lanes 0 to 4 of the first rows; more than that where there are only 4 lanes.
    int lanes() const { return std::min<int>(kLanes, static_cast<int>(ratings.rows())); }
    std::int64_t rated_row(int lane) const { return ratings.rows() - 1 - lane; }
    void fill(RowPosterior& posterior) const {
        for (int lane = 0; lane < lanes(); lane++) {
            const std::int64_t r = rated_row(lane);
            posterior.start(lane, RowPrior(made_gaussian(rank, static_cast<std::uint64_t>(r))));
            posterior.add(lane, ratings.row(r), rated());
        }
    }

    int rank;
    Factors factors;
    std::vector<float> mean, roots;
    SparseMatrix ratings;
};

TEST_P(RowPosteriorAtRank, MeanAndCovarianceAsTheNaiveOnes) {
    RowPosterior posterior(rank);
    fill(posterior);
    posterior.solve();
    for (int lane = 0; lane < lanes(); lane++) {
        const NaivePosterior expected = naive(rated_row(lane));
        for (int k = 0; k < rank; k++)
            EXPECT_NEAR(posterior.factors(lane)[k], expected.mean(k), 3e-4 * (1 + expected.mean.norm()));
    }
    const Eigen::VectorXf y = row(7).cast<float>();
    for (int lane = 0; lane < lanes(); lane++) posterior.set_direction(lane, y.data());
    posterior.whiten();
    for (int lane = 0; lane < lanes(); lane++) {
        const double expected = naive(rated_row(lane)).variance(row(7));
        const double square = Eigen::Map<const Eigen::VectorXf>(posterior.factors(lane), rank).squaredNorm();
        EXPECT_NEAR(square, expected, 1e-3 * expected);
    }
}

TEST_P(RowPosteriorAtRank, SquaresOfWhitenedColumnsAddUpToTheBit) {
    RowPosterior posterior(rank);
    fill(posterior);
    posterior.solve();
    AlignedFloats columns = RowPosterior::columns(rank);
    std::vector<double> expected(kLanes);
    for (int k = 0; k < rank; k++) {
        for (int lane = 0; lane < lanes(); lane++) {
            std::vector<float> column(static_cast<std::size_t>(rank));
            for (int j = k; j < rank; j++) column[j] = static_cast<float>(std::sin(lane + 3 * j + 7 * k));
            RowPosterior::set_column(columns, rank, lane, k, column.data());
            posterior.set_direction(lane, column.data());
        }
        posterior.whiten(k);
        for (int lane = 0; lane < lanes(); lane++) {
            double square = 0;
            for (int j = 0; j < rank; j++)
                square += static_cast<double>(posterior.factors(lane)[j]) * posterior.factors(lane)[j];
            expected[lane] += square;
        }
    }
    double squares[kLanes];
    posterior.whitened_squares(columns, squares);
    for (int lane = 0; lane < lanes(); lane++) EXPECT_EQ(squares[lane], expected[lane]);
}

// With A = L L^T a draw is the mean + L^-T z.
TEST_P(RowPosteriorAtRank, DrawsHaveTheirCovariance) {
    RowPosterior posterior(rank);
    fill(posterior);
    for (int lane = 0; lane < lanes(); lane++)
        posterior.set_noise(lane, Random(6, static_cast<std::uint64_t>(lane)));
    posterior.draw();
    for (int lane = 0; lane < lanes(); lane++) {
        const NaivePosterior expected = naive(rated_row(lane));
        Random random(6, static_cast<std::uint64_t>(lane));
        Eigen::VectorXd noise(rank);
        for (double& z : noise) z = random.normal();
        const Eigen::VectorXd x = expected.mean + expected.precision.llt().matrixU().solve(noise);
        for (int k = 0; k < rank; k++) EXPECT_NEAR(posterior.factors(lane)[k], x(k), 1e-3 * (1 + x.norm()));
    }
}

TEST_P(RowPosteriorAtRank, WeightedSumsAreTheSameAsWeightedRatings) {
    RowPosterior posterior(rank), other(rank);
    RatingSums sums(rank);
    const RowPrior prior(made_gaussian(rank, 1));
    posterior.start_sums(0);
    posterior.add(0, ratings.row(1), rated());
    posterior.take_sums(0, sums);
    posterior.start(0, prior, sums, .25f);
    posterior.solve();
    RatedFactors half = rated();
    half.root /= 2;
    other.start(0, prior);
    other.add(0, ratings.row(1), half);
    other.solve();
    for (int k = 0; k < rank; k++) EXPECT_NEAR(posterior.factors(0)[k], other.factors(0)[k], 1e-4);
}

TEST_P(RowPosteriorAtRank, SameBitsInAnyLane) {
    RowPosterior alone(rank), beside(rank);
    fill(beside);
    beside.solve();
    alone.start(0, RowPrior(made_gaussian(rank, static_cast<std::uint64_t>(rated_row(2)))));
    alone.add(0, ratings.row(rated_row(2)), rated());
    alone.solve();
    EXPECT_EQ(
        0, std::memcmp(alone.factors(0), beside.factors(2), static_cast<std::size_t>(rank) * sizeof(float)));
}

INSTANTIATE_TEST_SUITE_P(Ranks, RowPosteriorAtRank, testing::Values(1, 2, 7, 16, 20, 32));

}  // namespace
}  // namespace personalize::core
