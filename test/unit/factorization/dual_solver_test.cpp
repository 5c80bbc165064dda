#include "core/factorization/dual_solver.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

#include "core/factorization/fold_in.hpp"
#include "core/runtime/eigen.hpp"
#include "core/runtime/error.hpp"
#include "factorization/made_ratings.hpp"

namespace personalize::core {
namespace {

constexpr std::int64_t kItems = 700;

// Rows against made-up items whose columns differ in size, as those of trained factors do.
class Dual {
  public:
    explicit Dual(const Objective& objective)
        : objective_(objective),
          items_(kItems, objective.rank),
          gram_(base_gram_floats(objective.rank)),
          basis_(kItems, objective.rank) {
        for (std::int64_t i = 0; i < kItems; i++) {
            Random random(5, static_cast<std::uint64_t>(i));
            for (int k = 0; k < objective.rank; k++)
                items_.row(i)[k] = static_cast<float>(random.normal() / std::sqrt(1 + k));
        }
        base_gram(items_.view(), objective, gram_.data());
        QuietHost host;
        basis_.compute(items_.view(), gram_.data(), 1, host);
    }

    struct Solved {
        Factors factors;
        double loss;
    };

    // The rows of `matrix` in batches of `most` rows.
    Solved solve(const SparseMatrix& matrix, int most = kLanes) const {
        std::int64_t longest = 0;
        for (std::int64_t r = 0; r < matrix.rows(); r++)
            longest = std::max(longest, std::ssize(matrix.row(r).columns));
        DualSolver solver(objective_, basis_, static_cast<int>(longest));
        Solved solved{Factors(matrix.rows(), objective_.rank), 0};
        for (std::int64_t r = 0; r < matrix.rows();) {
            std::vector<RowTask> tasks;
            for (; std::ssize(tasks) < most && r < matrix.rows(); r++)
                tasks.push_back({matrix.row(r), solved.factors.row(r)});
            solved.loss += solver.solve({items_.view(), gram_.data()}, tasks);
        }
        return solved;
    }

    // The normal equations as they are, in double.
    Eigen::VectorXd expected(const SparseRow& row, double& loss) const {
        const int d = objective_.rank;
        Eigen::MatrixXd all(kItems, d);
        for (std::int64_t i = 0; i < kItems; i++)
            for (int k = 0; k < d; k++) all(i, k) = items_.row(i)[k];
        const double ridge = objective_.ridge(std::ssize(row.columns), kItems);
        Eigen::MatrixXd a = objective_.unobserved_weight * all.transpose() * all;
        a.diagonal().array() += ridge;
        const Eigen::MatrixXd base = a;
        Eigen::VectorXd b = Eigen::VectorXd::Zero(d);
        for (std::size_t k = 0; k < row.size(); k++) {
            const Eigen::VectorXd y = all.row(row.columns[k]);
            a += std::fabs(row.values[k]) * y * y.transpose();
            if (row.values[k] > 0) b += row.values[k] * y;
        }
        const Eigen::VectorXd x = a.ldlt().solve(b);
        loss += x.dot(base * x);
        for (std::size_t k = 0; k < row.size(); k++) {
            const double error = all.row(row.columns[k]).dot(x) - (row.values[k] > 0 ? 1 : 0);
            loss += std::fabs(row.values[k]) * error * error;
        }
        return x;
    }

    // `tolerance` is of the largest element of a row.
    void expect_exact(const SparseMatrix& matrix, double tolerance) const {
        const Solved solved = solve(matrix);
        double loss = 0;
        for (std::int64_t r = 0; r < matrix.rows(); r++) {
            const Eigen::VectorXd x = expected(matrix.row(r), loss);
            const double scale = x.cwiseAbs().maxCoeff();
            for (int k = 0; k < objective_.rank; k++)
                EXPECT_NEAR(solved.factors.row(r)[k], x[k], tolerance * scale) << r << ' ' << k;
            for (int k = objective_.rank; k < padded(objective_.rank); k++)
                EXPECT_EQ(solved.factors.row(r)[k], 0);
        }
        EXPECT_NEAR(solved.loss, loss, tolerance * loss);
    }

  private:
    Objective objective_;
    Factors items_;
    std::vector<float> gram_;
    Eigenbasis basis_;
};

Objective objective(int rank, float regularization = .004f, float exponent = 1) {
    return {Feedback::implicit_feedback, rank, regularization, .1f, exponent};
}

// A row for each of `sizes`.
SparseMatrix rows_of(const std::vector<int>& sizes, const std::function<float(Random&)>& value) {
    SparseMatrix matrix;
    matrix.columns_count = kItems;
    Random random(11, 0);
    for (const int size : sizes) {
        for (int k = 0; k < size; k++) {
            const std::int64_t first = kItems * k / size, next = kItems * (k + 1) / size;
            const auto offset = random.below(static_cast<std::uint64_t>(next - first));
            matrix.columns.push_back(static_cast<std::int32_t>(first + static_cast<std::int64_t>(offset)));
            matrix.values.push_back(value(random));
        }
        matrix.start.push_back(std::ssize(matrix.columns));
    }
    return matrix;
}

const std::vector<int> kSizes{0, 1, 2, 3, 4, 5, 8, 15, 16, 17, 31, 38, 39, 64, 65, 96, 97, 130};

float weight(Random& random) {
    const auto size = static_cast<float>(.25 * static_cast<double>(1 + random.below(16)));
    return random.below(5) == 0 ? -size : size;
}

class DualAtRank : public testing::TestWithParam<int> {};

TEST_P(DualAtRank, Likes) {
    const SparseMatrix rows = rows_of(kSizes, [](Random&) { return 1.0f; });
    Dual(objective(GetParam())).expect_exact(rows, 2e-5);
}

TEST_P(DualAtRank, WeightsAndDislikesWithAnExponent) {
    Dual(objective(GetParam(), .05f, .5f)).expect_exact(rows_of(kSizes, weight), 2e-5);
}

TEST_P(DualAtRank, OnlyDislikesGiveZero) {
    const SparseMatrix rows = rows_of({1, 7}, [](Random&) { return -2.0f; });
    Dual(objective(GetParam())).expect_exact(rows, 0);
}

TEST_P(DualAtRank, HeavyConfidence) {
    const auto value = [](Random& random) { return random.below(3) == 0 ? 1e4f : -1.0f; };
    std::vector<int> sizes;  // no more than the rank: others leave little of I in I + V D^-1 V^T
    for (const int size : kSizes)
        if (size <= GetParam()) sizes.push_back(size);
    Dual(objective(GetParam())).expect_exact(rows_of(sizes, value), 1e-3);
}

TEST_P(DualAtRank, TinyRegularization) {
    Dual(objective(GetParam(), 1e-9f)).expect_exact(rows_of(kSizes, weight), 1e-4);
}

TEST_P(DualAtRank, ARowGivesTheSameBitsInAnyCompany) {
    const SparseMatrix rows = rows_of(kSizes, weight);
    const Dual dual(objective(GetParam()));
    const Factors expected = dual.solve(rows).factors;
    for (const int most : {1, 2, 3})
        EXPECT_TRUE(test::same_bits(expected.view(), dual.solve(rows, most).factors.view())) << most;
}

INSTANTIATE_TEST_SUITE_P(Ranks, DualAtRank, testing::Values(1, 5, 16, 33, 64, 128, 256));

TEST(Dual, ItemsOfLessThanTheRankAreNoNoise) {
    constexpr int kRank = 48;
    const Objective tiny = objective(kRank, 1e-12f);
    Factors items(20, kRank);
    for (std::int64_t i = 0; i < 20; i++) {
        Random random(5, static_cast<std::uint64_t>(i));
        for (int k = 0; k < kRank; k++) items.row(i)[k] = static_cast<float>(random.normal());
    }
    std::vector<float> gram(base_gram_floats(kRank));
    base_gram(items.view(), tiny, gram.data());
    Eigenbasis basis(20, kRank);
    QuietHost host;
    basis.compute(items.view(), gram.data(), 1, host);
    DualSolver solver(tiny, basis, 2);
    const std::vector<std::int32_t> columns{3, 9};
    const std::vector<float> values{1, 1};
    Factors solved(1, kRank);
    const RowTask task{{columns, values}, solved.row(0)};
    solver.solve({items.view(), gram.data()}, {&task, 1});
    // 1 of a liked item has weight 1 against a0: so that is what it is predicted at.
    for (std::int64_t i = 0; i < 20; i++) {
        const float product = std::inner_product(items.row(i), items.row(i) + kRank, solved.row(0), 0.0f);
        EXPECT_NEAR(product, i == 3 || i == 9 ? 1 / 1.1 : 0, 1e-3) << i;
    }
}

TEST(Eigenbasis, BitsDoNotDependOnThreads) {
    const Objective o = objective(64);
    Factors items(5003, 64);
    for (std::int64_t i = 0; i < items.rows(); i++) {
        Random random(5, static_cast<std::uint64_t>(i));
        for (int k = 0; k < 64; k++) items.row(i)[k] = static_cast<float>(random.normal());
    }
    std::vector<float> gram(base_gram_floats(64));
    base_gram(items.view(), o, gram.data());
    QuietHost host;
    Eigenbasis one(items.rows(), 64), three(items.rows(), 64);
    one.compute(items.view(), gram.data(), 1, host);
    three.compute(items.view(), gram.data(), 3, host);
    EXPECT_TRUE(test::same_bits(one.rotated(), three.rotated()));
    for (int k = 1; k < 64; k++) EXPECT_LE(one.values()[k - 1], one.values()[k]);
    EXPECT_EQ(one.largest_value(), one.values()[63]);
}

TEST(Eigenbasis, OfInfiniteFactorsIsAnError) {
    const Factors items(20, 32);
    std::vector<float> gram(base_gram_floats(32), std::numeric_limits<float>::infinity());
    QuietHost host;
    Eigenbasis basis(20, 32);
    EXPECT_THROW(basis.compute(items.view(), gram.data(), 1, host), InvalidInput);
}

}  // namespace
}  // namespace personalize::core
