#include "core/neighbours/knn.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <vector>

#include "core/ratings/transpose.hpp"
#include "core/runtime/error.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core::knn {
namespace {

enum class Values { ones, stars, reals };

// Every cell is there with the probability `density`, later rows less often.
SparseMatrix random_matrix(std::int64_t rows, std::int64_t columns, double density, Values values) {
    Random random(7, 0);
    SparseMatrix matrix;
    matrix.columns_count = columns;
    for (std::int64_t r = 0; r < rows; r++) {
        for (std::int64_t c = 0; c < columns; c++) {
            if (random.uniform() >= density * (1 - .9 * static_cast<double>(r) / static_cast<double>(rows)))
                continue;
            matrix.columns.push_back(static_cast<std::int32_t>(c));
            matrix.values.push_back(values == Values::ones    ? 1
                                    : values == Values::stars ? static_cast<float>(1 + random.below(5))
                                                              : static_cast<float>(random.normal()));
        }
        matrix.start.push_back(std::ssize(matrix.columns));
    }
    return matrix;
}

using Dense = std::vector<std::vector<double>>;

// The definitions of knn.hpp over dense matrices: x_ui where `has`.
class BruteForce {
  public:
    BruteForce(const SparseMatrix& m, const Options& options)
        : options_(options), entities_(m.rows()), raters_(m.columns_count) {
        has_.assign(entities_, std::vector<double>(raters_));
        v_ = has_;
        std::vector<double> entity_sum(entities_), rater_sum(raters_);
        n_entity_.resize(entities_);
        n_rater_.resize(raters_);
        for (std::size_t i = 0; i < entities_; i++) {
            const SparseRow row = m.row(static_cast<std::int64_t>(i));
            for (std::size_t k = 0; k < row.size(); k++) {
                const auto u = static_cast<std::size_t>(row.columns[k]);
                has_[i][u] = 1;
                v_[i][u] = row.values[k];
                entity_sum[i] += row.values[k];
                rater_sum[u] += row.values[k];
                n_entity_[i]++;
                n_rater_[u]++;
            }
        }
        for (std::size_t i = 0; i < entities_; i++) {
            for (std::size_t u = 0; u < raters_; u++) {
                if (has_[i][u] == 0) continue;
                double& v = v_[i][u];
                switch (options.similarity) {
                    case Similarity::cosine:
                        break;
                    case Similarity::pearson:
                        v -= entity_sum[i] / n_entity_[i];
                        break;
                    case Similarity::adjusted_cosine:
                        v -= rater_sum[u] / n_rater_[u];
                        break;
                    default:
                        v = 1;
                }
                v = weighted(v, u, m);
            }
        }
    }

    double weight(std::size_t row, std::size_t other) const {
        double n = 0, xy = 0, xx = 0, yy = 0, row_square = 0, other_square = 0;
        for (std::size_t u = 0; u < raters_; u++) {
            const double x = v_[row][u], y = v_[other][u];
            row_square += x * x;
            other_square += y * y;
            if (has_[row][u] == 0 || has_[other][u] == 0) continue;
            n++;
            xy += x * y;
            xx += x * x;
            yy += y * y;
        }
        if (n == 0) return 0;
        double weight = xy;
        switch (options_.similarity) {
            case Similarity::cosine:
                weight /= std::sqrt(row_square * other_square);
                break;
            case Similarity::jaccard:
                weight /= row_square + other_square - xy;
                break;
            case Similarity::cooccurrence:
                break;
            case Similarity::rp3beta:
                weight *=
                    std::pow(n_entity_[row], -options_.alpha) * std::pow(n_entity_[other], -options_.beta);
                break;
            default:
                weight = xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 0;
        }
        return options_.shrinkage > 0 ? weight * n / (n + options_.shrinkage) : weight;
    }

  private:
    double weighted(double v, std::size_t u, const SparseMatrix& m) const {
        if (options_.similarity == Similarity::rp3beta) return std::pow(n_rater_[u], -options_.alpha / 2.);
        const double mean = static_cast<double>(m.nonzeros()) /
                            static_cast<double>(std::count_if(n_rater_.begin(), n_rater_.end(),
                                                              [](double n) { return n > 0; }));
        switch (options_.user_weighting) {
            case UserWeighting::activity:
                return v / std::sqrt(n_rater_[u]);
            case UserWeighting::idf:
                return v * std::log(static_cast<double>(entities_) / n_rater_[u]);
            case UserWeighting::bm25:
                return v * 2.2 / (std::abs(v) + 1.2 * (.25 + .75 * n_rater_[u] / mean));
            default:
                return v;
        }
    }

    const Options options_;
    const std::size_t entities_, raters_;
    Dense has_, v_;
    std::vector<double> n_entity_, n_rater_;
};

SparseMatrix train(const SparseMatrix& matrix, const Options& options) {
    QuietHost host;
    return train(matrix, transpose(matrix), options, host);
}

// Deviations and saturated values are rounded to float, which shows where the sum of a pair nearly cancels.
double rounding_of(const Options& options) {
    const bool rounded = options.similarity == Similarity::pearson ||
                         options.similarity == Similarity::adjusted_cosine ||
                         options.user_weighting == UserWeighting::bm25;
    return rounded ? 1e-7 : 0;
}

// Row by row: the weights are right, and nothing better was left out.
void expect_best(const SparseMatrix& matrix, const Options& options) {
    const BruteForce expected(matrix, options);
    const SparseMatrix result = train(matrix, options);
    const auto entities = static_cast<std::size_t>(matrix.rows());
    const double rounding = rounding_of(options);
    ASSERT_EQ(result.rows(), matrix.rows());
    ASSERT_EQ(result.columns_count, matrix.rows());
    for (std::size_t j = 0; j < entities; j++) {
        std::vector<double> weights(entities), sorted;
        for (std::size_t i = 0; i < entities; i++)
            if (i != j) weights[i] = expected.weight(j, i);
        for (const double w : weights)
            if (w > 1e-9) sorted.push_back(w);
        std::sort(sorted.rbegin(), sorted.rend());
        sorted.resize(std::min(sorted.size(), static_cast<std::size_t>(options.neighbours)));
        const SparseRow row = result.row(static_cast<std::int64_t>(j));
        ASSERT_EQ(row.size(), sorted.size()) << j;
        double sum = 0;
        for (const double w : sorted) sum += w;
        const double scale = options.similarity == Similarity::rp3beta ? sum : 1;
        std::vector<double> kept;
        for (std::size_t k = 0; k < row.size(); k++) {
            ASSERT_TRUE(k == 0 || row.columns[k - 1] < row.columns[k]);
            ASSERT_NE(row.columns[k], static_cast<std::int32_t>(j));
            const double w = weights[static_cast<std::size_t>(row.columns[k])];
            EXPECT_NEAR(row.values[k], w / scale, (1e-6 * w + rounding) / scale)
                << j << " " << row.columns[k];
            kept.push_back(w);
        }
        std::sort(kept.rbegin(), kept.rend());
        for (std::size_t k = 0; k < kept.size(); k++)
            EXPECT_NEAR(kept[k], sorted[k], 1e-6 * sorted[k] + rounding);
    }
}

using Case = std::tuple<Similarity, UserWeighting, float, Values>;
class Knn : public testing::TestWithParam<Case> {};

TEST_P(Knn, AsBruteForce) {
    Options options;
    Values values;
    std::tie(options.similarity, options.user_weighting, options.shrinkage, values) = GetParam();
    if (options.similarity == Similarity::rp3beta) options.user_weighting = UserWeighting::none;
    for (const auto& [rows, columns, density] : {std::tuple{60, 90, .4}, {90, 60, .04}}) {
        const SparseMatrix matrix = random_matrix(rows, columns, density, values);
        for (const int neighbours : {1, 7, 100}) {
            options.neighbours = neighbours;
            expect_best(matrix, options);
        }
    }
}
INSTANTIATE_TEST_SUITE_P(All, Knn,
                         testing::Combine(testing::Values(Similarity::cosine, Similarity::pearson,
                                                          Similarity::adjusted_cosine, Similarity::jaccard,
                                                          Similarity::cooccurrence, Similarity::rp3beta),
                                          testing::Values(UserWeighting::none, UserWeighting::activity,
                                                          UserWeighting::idf, UserWeighting::bm25),
                                          testing::Values(0.f, 3.f),
                                          testing::Values(Values::ones, Values::stars, Values::reals)));

TEST(Knn, DoesNotDependOnThreads) {
    for (const Values values : {Values::ones, Values::reals}) {
        const SparseMatrix matrix = random_matrix(300, 200, .2, values), by_column = transpose(matrix);
        for (const Similarity similarity : {Similarity::cosine, Similarity::pearson, Similarity::rp3beta}) {
            Options options;
            options.similarity = similarity;
            options.neighbours = 20;
            const SparseMatrix one = train(matrix, options);
            for (const int threads : {2, 3}) {
                options.threads = threads;
                QuietHost host;
                const SparseMatrix many = train(matrix, by_column, options, host);
                EXPECT_EQ(one.start, many.start);
                EXPECT_EQ(one.columns, many.columns);
                EXPECT_EQ(one.values, many.values);
            }
        }
    }
}

// Rows of `raters` raters each, all with everything.
SparseMatrix full_matrix(std::int64_t rows, std::int64_t raters) {
    SparseMatrix matrix;
    matrix.columns_count = raters;
    for (std::int64_t r = 0; r < rows; r++) {
        for (std::int64_t u = 0; u < raters; u++) {
            matrix.columns.push_back(static_cast<std::int32_t>(u));
            matrix.values.push_back(2);
        }
        matrix.start.push_back(std::ssize(matrix.columns));
    }
    return matrix;
}

TEST(Knn, OfEqualWeightTheSmallerIndex) {
    Options options;
    options.neighbours = 3;
    const SparseMatrix result = train(full_matrix(50, 4), options);
    for (std::int32_t j = 0; j < 50; j++) {
        std::vector<std::int32_t> expected;
        for (std::int32_t i = 0; i < 50 && expected.size() < 3; i++)
            if (i != j) expected.push_back(i);
        const SparseRow row = result.row(j);
        EXPECT_EQ(std::vector(row.columns.begin(), row.columns.end()), expected);
        for (const float value : row.values) EXPECT_EQ(value, 1);
    }
}

TEST(Knn, NothingToCompareBy) {
    for (const Similarity similarity : {Similarity::cosine, Similarity::pearson, Similarity::rp3beta}) {
        Options options;
        options.similarity = similarity;
        EXPECT_EQ(train(SparseMatrix{}, options).rows(), 0);
        EXPECT_EQ(train(full_matrix(1, 5), options).nonzeros(), 0);
        SparseMatrix empty_rows;
        empty_rows.columns_count = 5;
        empty_rows.start = {0, 0, 0, 0};
        EXPECT_EQ(train(empty_rows, options).rows(), 3);
        EXPECT_EQ(train(empty_rows, options).nonzeros(), 0);
    }
}

// A mean of equal values is not always that value, and no taste follows from what rounding leaves.
TEST(Knn, ConstantRatingsHaveNoDeviations) {
    SparseMatrix matrix = full_matrix(10, 7);
    for (float& value : matrix.values) value = 4.1f;
    for (const Similarity similarity : {Similarity::pearson, Similarity::adjusted_cosine}) {
        Options options;
        options.similarity = similarity;
        EXPECT_EQ(train(matrix, options).nonzeros(), 0);
    }
}

// Entity 2 r and 2 r + 1 have rater r in common, and all of the first ten have rater 40,000.
TEST(Knn, MoreEntitiesThan16BitsHold) {
    constexpr std::int64_t kPairs = 40'000;
    SparseMatrix matrix;
    matrix.columns_count = kPairs + 1;
    for (std::int32_t i = 0; i < 2 * kPairs; i++) {
        matrix.columns.push_back(i / 2);
        if (i < 10) matrix.columns.push_back(kPairs);
        matrix.start.push_back(std::ssize(matrix.columns));
    }
    matrix.values.resize(matrix.columns.size(), 1);
    Options options;
    options.similarity = Similarity::cooccurrence;
    const SparseMatrix result = train(matrix, options);
    ASSERT_EQ(result.rows(), 2 * kPairs);
    for (std::int32_t i = 0; i < 2 * kPairs; i++) {
        const SparseRow row = result.row(i);
        ASSERT_EQ(row.size(), i < 10 ? 9u : 1u) << i;
        for (std::size_t k = 0; k < row.size(); k++)
            EXPECT_EQ(row.values[k], (row.columns[k] ^ 1) == i && i < 10 ? 2 : 1);
        EXPECT_TRUE(std::find(row.columns.begin(), row.columns.end(), i ^ 1) != row.columns.end());
    }
}

TEST(Knn, OptionsOutOfRange) {
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    const SparseMatrix matrix = full_matrix(3, 3);
    const auto with = [](auto edit) {
        Options options;
        edit(options);
        return options;
    };
    EXPECT_THROW(train(matrix, with([](Options& o) { o.neighbours = 0; })), InvalidInput);
    EXPECT_THROW(train(matrix, with([](Options& o) { o.shrinkage = -1; })), InvalidInput);
    EXPECT_THROW(train(matrix, with([](Options& o) { o.shrinkage = kNan; })), InvalidInput);
    EXPECT_THROW(train(matrix, with([](Options& o) { o.alpha = kNan; })), InvalidInput);
    EXPECT_THROW(train(matrix, with([](Options& o) { o.beta = -.1f; })), InvalidInput);
    EXPECT_THROW(train(matrix, with([](Options& o) {
                           o.similarity = Similarity::rp3beta;
                           o.user_weighting = UserWeighting::idf;
                       })),
                 InvalidInput);
}

TEST(Knn, StopsWhereTheHostSaysSo) {
    class Impatient : public Host {
      public:
        void poll() override {
            if (++polls_ > 3) throw Cancelled{};
        }

      private:
        int polls_ = 0;
    };
    const SparseMatrix matrix = random_matrix(400, 300, .3, Values::stars), by_column = transpose(matrix);
    for (const int threads : {1, 2}) {
        Options options;
        options.threads = threads;
        Impatient host;
        EXPECT_THROW(train(matrix, by_column, options, host), Cancelled);
    }
}

// Few pairs, few neighbours: not `neighbours` for each entity.
TEST(Knn, MemoryIsThatOfWhatThereCanBe) {
    const SparseMatrix matrix = random_matrix(2000, 2000, .001, Values::ones), by_column = transpose(matrix);
    Options options;
    const std::size_t few = memory(matrix, by_column, options);
    EXPECT_LT(few, std::size_t{500'000});
    options.neighbours = 1'000'000;
    EXPECT_LT(memory(matrix, by_column, options), std::size_t{500'000});
    options.threads = 2;
    EXPECT_GE(memory(matrix, by_column, options), few + 2000 * sizeof(double));
}

}  // namespace
}  // namespace personalize::core::knn
