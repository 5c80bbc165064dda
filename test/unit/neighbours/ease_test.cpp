// GCC 12 takes its own AVX-512 intrinsics, as Eigen uses them, for uninitialized reads.
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"

#include "core/neighbours/ease.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/neighbours/symmetric_inverse.hpp"
#include "core/ratings/transpose.hpp"
#include "core/runtime/eigen.hpp"
#include "core/runtime/error.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core::ease {
namespace {

// Later items have fewer users; the last has none.
SparseMatrix random_items(std::int64_t items, std::int64_t users, double density) {
    Random random(3, 0);
    SparseMatrix matrix;
    matrix.columns_count = users;
    for (std::int64_t i = 0; i < items; i++) {
        const double share = density * (1 - static_cast<double>(i + 1) / static_cast<double>(items));
        for (std::int64_t u = 0; u < users; u++) {
            if (random.uniform() >= share) continue;
            matrix.columns.push_back(static_cast<std::int32_t>(u));
            matrix.values.push_back(static_cast<float>(random.below(3)) - .5f);
        }
        matrix.start.push_back(std::ssize(matrix.columns));
    }
    return matrix;
}

// By the definition, in double.
Eigen::MatrixXd expected_weights(const SparseMatrix& by_item, const Options& options) {
    Eigen::MatrixXd x = Eigen::MatrixXd::Zero(by_item.rows(), by_item.columns_count);
    for (std::int64_t i = 0; i < by_item.rows(); i++) {
        const SparseRow row = by_item.row(i);
        for (std::size_t k = 0; k < row.size(); k++) x(i, row.columns[k]) = row.values[k];
    }
    Eigen::MatrixXd g = x * x.transpose();
    g.diagonal() *= 1 + options.dropout / (1. - options.dropout);
    g.diagonal().array() += options.lambda;
    const Eigen::MatrixXd p = g.inverse();
    Eigen::MatrixXd b = -p * p.diagonal().cwiseInverse().asDiagonal();
    b.diagonal().setZero();
    return b;
}

SparseMatrix train(const SparseMatrix& by_item, const Options& options) {
    QuietHost host;
    return train(by_item, transpose(by_item), options, host);
}

TEST(Ease, AsTheDefinition) {
    // Less than a block of columns, one, and several that end in between.
    for (const std::int64_t items : {2, 50, 256, 700}) {
        const SparseMatrix by_item = random_items(items, 400, .3);
        for (const float dropout : {0.f, .3f}) {
            Options options;
            options.lambda = 20;
            options.dropout = dropout;
            options.neighbours = 1000;
            const Eigen::MatrixXd expected = expected_weights(by_item, options);
            const SparseMatrix result = train(by_item, options);
            ASSERT_EQ(result.rows(), items);
            ASSERT_EQ(result.columns_count, items);
            Eigen::MatrixXd b = Eigen::MatrixXd::Zero(items, items);
            for (std::int64_t i = 0; i < items; i++) {
                const SparseRow row = result.row(i);
                for (std::size_t k = 0; k < row.size(); k++) {
                    ASSERT_TRUE(k == 0 || row.columns[k - 1] < row.columns[k]);
                    b(i, row.columns[k]) = row.values[k];
                }
            }
            EXPECT_LT((b - expected).cwiseAbs().maxCoeff(), 2e-6) << items;
            EXPECT_EQ(b.diagonal().cwiseAbs().maxCoeff(), 0);
            EXPECT_EQ(result.row(items - 1).size(), 0u);
        }
    }
}

TEST(Ease, KeepsTheGreatestOfARow) {
    const SparseMatrix by_item = random_items(120, 200, .4);
    Options all, few;
    all.lambda = few.lambda = 5;
    all.neighbours = 119;
    few.neighbours = 10;
    const SparseMatrix every = train(by_item, all), best = train(by_item, few);
    for (std::int64_t i = 0; i < 120; i++) {
        const SparseRow row = every.row(i), kept = best.row(i);
        std::vector<std::size_t> order(row.size());
        for (std::size_t k = 0; k < order.size(); k++) order[k] = k;
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return std::abs(row.values[a]) > std::abs(row.values[b]);
        });
        order.resize(std::min<std::size_t>(10, order.size()));
        std::sort(order.begin(), order.end());
        ASSERT_EQ(kept.size(), order.size()) << i;
        for (std::size_t k = 0; k < order.size(); k++) {
            EXPECT_EQ(kept.columns[k], row.columns[order[k]]);
            EXPECT_EQ(kept.values[k], row.values[order[k]]);
        }
    }
}

TEST(Ease, DoesNotDependOnThreads) {
    const SparseMatrix by_item = random_items(600, 300, .3), by_user = transpose(by_item);
    Options options;
    options.lambda = 20;
    const SparseMatrix one = train(by_item, options);
    for (const int threads : {2, 3}) {
        options.threads = threads;
        QuietHost host;
        const SparseMatrix many = train(by_item, by_user, options, host);
        EXPECT_EQ(one.start, many.start);
        EXPECT_EQ(one.columns, many.columns);
        EXPECT_EQ(one.values, many.values);
    }
}

TEST(Ease, NothingToLearnFrom) {
    Options options;
    EXPECT_EQ(train(SparseMatrix{}, options).rows(), 0);
    SparseMatrix empty_rows;
    empty_rows.columns_count = 5;
    empty_rows.start = {0, 0, 0, 0};
    EXPECT_EQ(train(empty_rows, options).rows(), 3);
    EXPECT_EQ(train(empty_rows, options).nonzeros(), 0);
    EXPECT_EQ(train(random_items(1, 10, .5), options).nonzeros(), 0);
}

// Two items of the same 10,000 users: X'X is singular, and floats cannot tell it from X'X + lambda I.
TEST(Ease, LambdaTooSmall) {
    SparseMatrix by_item;
    by_item.columns_count = 10'000;
    for (int i = 0; i < 2; i++) {
        for (std::int32_t u = 0; u < 10'000; u++) by_item.columns.push_back(u);
        by_item.start.push_back(std::ssize(by_item.columns));
    }
    by_item.values.resize(by_item.columns.size(), 1);
    Options options;
    options.lambda = 1e-5f;
    try {
        train(by_item, options);
        FAIL();
    } catch (const InvalidInput& error) {
        EXPECT_NE(std::string(error.what()).find("0.000010"), std::string::npos) << error.what();
    }
    options.lambda = 100;
    EXPECT_EQ(train(by_item, options).nonzeros(), 2);
}

TEST(Ease, OptionsOutOfRange) {
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    const SparseMatrix by_item = random_items(5, 5, .9);
    const auto with = [](auto edit) {
        Options options;
        edit(options);
        return options;
    };
    EXPECT_THROW(train(by_item, with([](Options& o) { o.lambda = 0; })), InvalidInput);
    EXPECT_THROW(train(by_item, with([](Options& o) { o.lambda = kNan; })), InvalidInput);
    EXPECT_THROW(train(by_item, with([](Options& o) { o.dropout = 1; })), InvalidInput);
    EXPECT_THROW(train(by_item, with([](Options& o) { o.dropout = kNan; })), InvalidInput);
    EXPECT_THROW(train(by_item, with([](Options& o) { o.neighbours = 0; })), InvalidInput);
}

TEST(Ease, StopsWhereTheHostSaysSo) {
    class Impatient : public Host {
      public:
        explicit Impatient(int polls) : polls_(polls) {}
        void poll() override {
            if (--polls_ < 0) throw Cancelled{};
        }

      private:
        int polls_;
    };
    const SparseMatrix by_item = random_items(600, 300, .3), by_user = transpose(by_item);
    for (const int threads : {1, 2}) {
        for (const int polls : {0, 4, 6, 9}) {
            Options options;
            options.threads = threads;
            Impatient host(polls);
            EXPECT_THROW(train(by_item, by_user, options, host), Cancelled);
        }
    }
}

TEST(NegativeInverse, OfAnIllConditionedMatrix) {
    constexpr std::int64_t kOrder = 530;
    Random random(5, 0);
    Eigen::MatrixXd x(kOrder, 40);
    for (std::int64_t r = 0; r < kOrder; r++)
        for (std::int64_t c = 0; c < 40; c++) x(r, c) = random.normal();
    Eigen::MatrixXd a = x * x.transpose();
    a.diagonal().array() += 1;
    SymmetricMatrix matrix(kOrder);
    for (std::int64_t r = 0; r < kOrder; r++)
        for (std::int64_t c = 0; c <= r; c++)
            a(r, c) = a(c, r) = matrix.row(r)[c] = static_cast<float>(a(r, c));
    QuietHost host;
    ASSERT_TRUE(negative_inverse(matrix, 1, host));
    const Eigen::MatrixXd inverse = a.inverse();
    for (std::int64_t r = 0; r < kOrder; r++)
        for (std::int64_t c = 0; c <= r; c++)
            ASSERT_NEAR(-matrix.row(r)[c], inverse(r, c), 1e-3) << r << " " << c;
}

TEST(NegativeInverse, OfWhatIsNotPositiveDefinite) {
    QuietHost host;
    for (const float diagonal : {-1.f, 0.f, 1.f, std::numeric_limits<float>::quiet_NaN()}) {
        SymmetricMatrix matrix(300);
        for (std::int64_t r = 0; r < 300; r++) {
            std::fill_n(matrix.row(r), r, 0.f);
            matrix.row(r)[r] = r == 280 ? diagonal : 4;
        }
        matrix.row(280)[3] = 2;
        EXPECT_FALSE(negative_inverse(matrix, 1, host)) << diagonal;
    }
}

}  // namespace
}  // namespace personalize::core::ease
