#include "core/factorization/als.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/factorization/fold_in.hpp"
#include "core/factorization/row_solver.hpp"
#include "core/ratings/transpose.hpp"
#include "core/runtime/error.hpp"
#include "factorization/made_ratings.hpp"
#include "factorization/naive_als.hpp"

namespace personalize::core {
namespace {

using test::made_likes;
using test::made_matrix;
using test::made_weights;
using test::Naive;
using test::same_bits;

als::Options implicit_options(int rank) {
    als::Options options;
    options.objective = {Feedback::implicit_feedback, rank, .02f, .1f, 1};
    options.iterations = 3;
    options.seed = 7;
    return options;
}

als::Options explicit_options(int rank) {
    als::Options options = implicit_options(rank);
    options.objective = {Feedback::explicit_feedback, rank, .05f, 0, 1};
    return options;
}

als::Model train(const SparseMatrix& by_user, const als::Options& options) {
    QuietHost host;
    return als::train(by_user, transpose(by_user), options, host);
}

// Largest difference, relative to the largest element.
double difference(FactorsView factors, const test::Rows& expected, int rank) {
    double largest = 0, scale = 0;
    for (std::int64_t r = 0; r < factors.rows; r++) {
        for (int k = 0; k < rank; k++) {
            largest = std::max(largest, std::fabs(factors.row(r)[k] - expected[r][k]));
            scale = std::max(scale, std::fabs(expected[r][k]));
        }
    }
    return largest / scale;
}

// The users that training ends with, solved by the oracle from the items that it ends with, and the items
// from the users one half step before.
void expect_solves(const SparseMatrix& by_user, als::Options options) {
    const SparseMatrix by_item = transpose(by_user);
    options.iterations = 1;
    const als::Model before = train(by_user, options);
    options.iterations = 2;
    const als::Model after = train(by_user, options);
    Naive naive(options.objective, before.users.view(), after.items.view());
    naive.solve(by_item, naive.users, naive.items);
    EXPECT_LT(difference(after.items.view(), naive.items, options.objective.rank), 1e-4);
    naive.solve(by_user, naive.items, naive.users);
    EXPECT_LT(difference(after.users.view(), naive.users, options.objective.rank), 1e-4);
}

class AlsAtRank : public testing::TestWithParam<int> {};

TEST_P(AlsAtRank, ImplicitSolvesAsTheNaiveSolver) {
    expect_solves(made_likes(60, 45, .2), implicit_options(GetParam()));
}

TEST_P(AlsAtRank, WeightsAndDislikesAsTheNaiveSolver) {
    als::Options options = implicit_options(GetParam());
    options.objective.frequency_exponent = .5f;
    options.objective.regularization = .05f;
    expect_solves(made_weights(60, 45, .2), options);
}

TEST_P(AlsAtRank, ExplicitSolvesAsTheNaiveSolver) {
    const auto value = [](auto, auto, Random& random) { return static_cast<float>(random.normal()); };
    expect_solves(made_matrix(60, 45, .3, value), explicit_options(GetParam()));
}

TEST_P(AlsAtRank, LossIsTheObjectiveAndGoesDown) {
    const SparseMatrix by_user = made_weights(60, 45, .2), by_item = transpose(by_user);
    for (als::Options options : {implicit_options(GetParam()), explicit_options(GetParam())}) {
        options.iterations = 6;
        const als::Model model = train(by_user, options);
        const double expected =
            Naive(options.objective, model.users.view(), model.items.view()).loss(by_user, by_item);
        EXPECT_NEAR(model.loss.back(), expected, 2e-5 * expected);
        for (std::size_t k = 1; k < model.loss.size(); k++)
            EXPECT_LT(model.loss[k], model.loss[k - 1] * (1 + 1e-5));
    }
}

TEST_P(AlsAtRank, FoldInGivesTheStoredUsersToTheBit) {
    const SparseMatrix by_user = made_weights(60, 45, .2);
    for (const als::Options& options : {implicit_options(GetParam()), explicit_options(GetParam())}) {
        const als::Model model = train(by_user, options);
        std::vector<float> gram(base_gram_floats(options.objective.rank));
        base_gram(model.items.view(), options.objective, gram.data());
        const auto fold_in = FoldIn::of(options.objective);
        std::vector<float> row(static_cast<std::size_t>(model.users.stride()));
        for (std::int64_t u = 0; u < by_user.rows(); u++) {
            fold_in->solve(model.items.view(), gram.data(), by_user.row(u).columns, by_user.row(u).values,
                           row.data());
            EXPECT_EQ(0, std::memcmp(row.data(), model.users.row(u), row.size() * sizeof(float))) << u;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Ranks, AlsAtRank, testing::Values(1, 2, 3, 8, 16, 17, 31, 64, 100));

TEST(Als, BitsDoNotDependOnThreads) {
    const SparseMatrix by_user = made_weights(3000, 200, .1);
    for (const int block : {0, 16}) {
        als::Options options = implicit_options(48);
        options.block = block;
        const als::Model expected = train(by_user, options);
        for (const int threads : {2, 3}) {
            options.threads = threads;
            const als::Model model = train(by_user, options);
            EXPECT_TRUE(same_bits(expected.users.view(), model.users.view()));
            EXPECT_TRUE(same_bits(expected.items.view(), model.items.view()));
            EXPECT_EQ(expected.loss, model.loss);
        }
    }
}

// So many short rows that they are solved the dual way: longer ones, empty ones and those beside are not.
SparseMatrix mostly_few() {
    SparseMatrix matrix = made_weights(6000, 200, .06);
    const SparseMatrix many = made_weights(100, 200, .6, 2);
    for (std::int64_t r = 0; r < many.rows(); r++) {
        const SparseRow row = many.row(r);
        matrix.columns.insert(matrix.columns.end(), row.columns.begin(), row.columns.end());
        matrix.values.insert(matrix.values.end(), row.values.begin(), row.values.end());
        matrix.start.push_back(std::ssize(matrix.columns));
    }
    matrix.start.push_back(matrix.start.back());
    return matrix;
}

TEST(Als, FewRatingsAsTheNaiveSolver) {
    const SparseMatrix by_user = mostly_few();
    for (const int rank : {40, 64, 136}) {
        als::Options options = implicit_options(rank);
        options.iterations = 2;
        options.block = rank;
        const als::Model model = train(by_user, options);
        Naive naive(options.objective, model.users.view(), model.items.view());
        EXPECT_NEAR(model.loss.back(), naive.loss(by_user, transpose(by_user)), 2e-5 * model.loss.back());
        std::vector<float> gram(base_gram_floats(rank)), row(static_cast<std::size_t>(padded(rank)));
        base_gram(model.items.view(), options.objective, gram.data());
        const auto fold_in = FoldIn::of(options.objective);
        int other_bits = 0;
        for (std::int64_t u = 0; u < by_user.rows(); u++) {
            fold_in->solve(model.items.view(), gram.data(), by_user.row(u).columns, by_user.row(u).values,
                           row.data());
            for (int k = 0; k < rank; k++) EXPECT_NEAR(row[k], model.users.row(u)[k], 2e-5) << u;
            other_bits += std::memcmp(row.data(), model.users.row(u), row.size() * sizeof(float)) != 0;
        }
        EXPECT_GT(other_bits, 4000) << "not solved the dual way";
    }
}

TEST(Als, FewRatingsGiveTheSameBitsWithAnyThreads) {
    const SparseMatrix by_user = mostly_few();
    for (const int block : {0, 32}) {
        als::Options options = implicit_options(64);
        options.block = block;
        const als::Model expected = train(by_user, options);
        options.threads = 3;
        const als::Model model = train(by_user, options);
        EXPECT_TRUE(same_bits(expected.users.view(), model.users.view()));
        EXPECT_TRUE(same_bits(expected.items.view(), model.items.view()));
        EXPECT_EQ(expected.loss, model.loss);
    }
}

TEST(Als, SeedsDiffer) {
    const SparseMatrix by_user = made_likes(60, 45, .2);
    als::Options options = implicit_options(8);
    const als::Model a = train(by_user, options);
    options.seed++;
    EXPECT_FALSE(same_bits(a.users.view(), train(by_user, options).users.view()));
}

TEST(Als, BlocksReachTheLossOfExactSolves) {
    const SparseMatrix by_user = made_weights(400, 150, .1), by_item = transpose(by_user);
    for (const int rank : {48, 70, 150}) {
        als::Options options = implicit_options(rank);
        options.iterations = 12;
        options.block = rank;
        const double exact = train(by_user, options).loss.back();
        options.block = 32;
        const als::Model model = train(by_user, options);
        EXPECT_LT(model.loss.back(), exact * 1.001);
        const double expected =
            Naive(options.objective, model.users.view(), model.items.view()).loss(by_user, by_item);
        EXPECT_NEAR(model.loss.back(), expected, 2e-5 * expected);
        for (std::size_t k = 1; k < model.loss.size(); k++)
            EXPECT_LT(model.loss[k], model.loss[k - 1] * (1 + 1e-5));
    }
}

TEST(Als, ABlockOfAllColumnsIsExact) {
    const SparseMatrix by_user = made_likes(60, 45, .2);
    als::Options options = implicit_options(24);
    const als::Model exact = train(by_user, options);
    options.block = 24;
    EXPECT_TRUE(same_bits(exact.users.view(), train(by_user, options).users.view()));
}

// Two groups of users, each liking its own group of items but for the pair (u, u): that must be filled
// in, and no pair across the groups.
TEST(Als, FillsInACheckerboard) {
    SparseMatrix by_user;
    by_user.columns_count = 20;
    for (int u = 0; u < 20; u++) {
        for (int i = 0; i < 20; i++)
            if (u % 2 == i % 2 && u != i) by_user.columns.push_back(i);
        by_user.start.push_back(std::ssize(by_user.columns));
    }
    by_user.values.assign(by_user.columns.size(), 1);
    als::Options options = implicit_options(2);
    options.iterations = 15;
    const als::Model model = train(by_user, options);
    for (int u = 0; u < 20; u++) {
        for (int i = 0; i < 20; i++) {
            const float *x = model.users.row(u), *y = model.items.row(i);
            const float score = x[0] * y[0] + x[1] * y[1];
            EXPECT_EQ(score > .5, u % 2 == i % 2) << u << ' ' << i << ' ' << score;
        }
    }
}

TEST(Als, ExplicitFindsAPlantedModel) {
    const test::Planted planted(300, 200);
    const SparseMatrix by_user =
        made_matrix(300, 200, .3, [&](auto u, auto i, auto&) { return planted(u, i); });
    als::Options options = explicit_options(4);
    options.objective.regularization = .002f;
    options.iterations = 30;
    const als::Model model = train(by_user, options);
    double squares = 0, spread = 0;
    for (std::int64_t u = 0; u < 300; u++) {
        for (std::int64_t i = 0; i < 200; i++) {
            float score = 0;
            for (int k = 0; k < model.users.width(); k++)
                score += model.users.row(u)[k] * model.items.row(i)[k];
            squares += std::pow(score - planted(u, i), 2);
            spread += std::pow(planted(u, i), 2);
        }
    }
    EXPECT_LT(squares, .01 * spread);
}

TEST(Als, RowsWithoutObservationsAreZero) {
    SparseMatrix by_user = made_likes(30, 20, .3);
    by_user.start.push_back(by_user.start.back());
    by_user.columns_count++;
    for (const int block : {0, 16}) {
        als::Options options = implicit_options(20);
        options.block = block;
        const als::Model model = train(by_user, options);
        for (int k = 0; k < 20; k++) {
            EXPECT_EQ(model.users.row(30)[k], 0);
            EXPECT_EQ(model.items.row(20)[k], 0);
        }
    }
    const als::Model model = train(by_user, explicit_options(20));
    EXPECT_EQ(model.users.row(30)[20], 1);
    EXPECT_EQ(model.users.row(30)[21], 0);
    EXPECT_EQ(model.items.row(20)[20], 0);
    EXPECT_EQ(model.items.row(20)[21], 1);
}

TEST(Als, OneUserAndOneItem) {
    for (const als::Options& options : {implicit_options(64), explicit_options(64), implicit_options(1)})
        EXPECT_TRUE(std::isfinite(train(made_likes(1, 1, 1), options).loss.back()));
}

TEST(Als, EqualRatingsLeaveNothingToExplain) {
    const auto model =
        train(made_matrix(40, 30, .5, [](auto, auto, auto&) { return 0.0f; }), explicit_options(8));
    EXPECT_NEAR(model.loss.back(), 0, 1e-6);
}

TEST(Als, HugeWeightsStayFinite) {
    const auto value = [](auto, auto, Random& random) { return random.below(10) == 0 ? 1e6f : 1e-3f; };
    const als::Model model = train(made_matrix(100, 50, .1, value), implicit_options(64));
    EXPECT_TRUE(std::isfinite(model.loss.back()));
}

TEST(Als, InfiniteFactorsAreAnError) {
    const auto value = [](auto, auto, auto&) { return 1e38f; };
    EXPECT_THROW(train(made_matrix(100, 50, .5, value), implicit_options(8)), InvalidInput);
}

TEST(Als, RanksUpToTheLargest) {
    for (const int rank : {129, 300, 1024})
        for (const int block : {0, rank}) {
            als::Options options = implicit_options(rank);
            options.iterations = 1;
            options.block = block;
            EXPECT_TRUE(std::isfinite(train(made_likes(12, 10, .5), options).loss.back()));
        }
}

TEST(Als, OptionsOutOfRange) {
    const SparseMatrix by_user = made_likes(5, 5, .5);
    const auto refuses = [&](const auto& change) {
        als::Options options = implicit_options(8);
        change(options);
        EXPECT_THROW(train(by_user, options), InvalidInput);
    };
    refuses([](auto& o) { o.objective.rank = 0; });
    refuses([](auto& o) { o.objective.rank = kMaxRank + 1; });
    refuses([](auto& o) { o.objective.regularization = 0; });
    refuses([](auto& o) { o.objective.regularization = std::numeric_limits<float>::quiet_NaN(); });
    refuses([](auto& o) { o.objective.unobserved_weight = -1; });
    refuses([](auto& o) { o.objective.frequency_exponent = std::numeric_limits<float>::infinity(); });
    refuses([](auto& o) { o.iterations = 0; });
    refuses([](auto& o) { o.threads = 0; });
    refuses([](auto& o) { o.block = -1; });
}

TEST(Als, ToleranceStopsEarly) {
    als::Options options = implicit_options(8);
    options.iterations = 100;
    options.tolerance = .01;
    const als::Model model = train(made_likes(60, 45, .2), options);
    EXPECT_GT(model.loss.size(), 1u);
    EXPECT_LT(model.loss.size(), 100u);
}

struct CountingHost : QuietHost {
    std::vector<double> loss;
    void iteration_done(int iteration, int iterations, double value) override {
        EXPECT_EQ(iterations, 3);
        loss.push_back(value);
        EXPECT_EQ(std::ssize(loss), iteration);
    }
};

TEST(Als, TellsTheHostOfEachIteration) {
    const SparseMatrix by_user = made_likes(60, 45, .2);
    CountingHost host;
    EXPECT_EQ(als::train(by_user, transpose(by_user), implicit_options(8), host).loss, host.loss);
}

TEST(Als, MemoryCoversTheModelAndScratch) {
    als::Options options = implicit_options(64);
    const std::size_t one = als::memory(1000, 500, options);
    EXPECT_GT(one, Factors::memory(1500, 64));
    options.threads = 2;
    EXPECT_GE(als::memory(1000, 500, options) - one,
              RowSolver::memory(options.objective, RowSolver::most_rows(options.objective)));
}

}  // namespace
}  // namespace personalize::core
