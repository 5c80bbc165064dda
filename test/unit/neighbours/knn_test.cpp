#include "core/neighbours/knn.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <string>

#include "core/ratings/transpose.hpp"
#include "factorization/made_ratings.hpp"

namespace personalize::core::knn {
namespace {

constexpr std::int64_t kRaters = 60, kItems = 35;

double mean_of(std::span<const float> values) {
    double sum = 0;
    for (const float value : values) sum += value;
    return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

// The definitions of the header, one pair at a time, in double.
class BruteForce {
  public:
    BruteForce(const SparseMatrix& by_item, const SparseMatrix& by_user, const Options& options)
        : by_item_(by_item), by_user_(by_user), options_(options) {}

    double similarity(std::int64_t a, std::int64_t b) const {
        double xy = 0, xx = 0, yy = 0, common = 0, walks = 0;
        for (std::int64_t r = 0; r < by_user_.rows(); r++) {
            const auto x = value(a, r), y = value(b, r);
            if (!x || !y) continue;
            common++;
            xy += *x * *y;
            xx += *x * *x;
            yy += *y * *y;
            walks += std::pow(members(by_user_.row(r)), -options_.alpha);
        }
        if (common == 0) return 0;
        double result = 0;
        switch (options_.similarity) {
            case Similarity::cosine:
                result = xy / (norm(a) * norm(b));
                break;
            case Similarity::pearson:
            case Similarity::adjusted_cosine:
                result = xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 0;
                break;
            case Similarity::jaccard:
                result = common / (members(by_item_.row(a)) + members(by_item_.row(b)) - common);
                break;
            case Similarity::cooccurrence:
                result = xy;
                break;
            case Similarity::rp3beta:
                result = walks * std::pow(members(by_item_.row(b)), -options_.beta);
                break;
        }
        return options_.shrinkage > 0 ? result * common / (common + options_.shrinkage) : result;
    }

  private:
    bool members_only() const {
        return options_.similarity == Similarity::jaccard ||
               options_.similarity == Similarity::cooccurrence || options_.similarity == Similarity::rp3beta;
    }
    double members(SparseRow row) const {
        if (!members_only() || options_.all_are_members) return static_cast<double>(row.size());
        return static_cast<double>(std::ranges::count_if(row.values, [](float v) { return v > 0; }));
    }
    double weight(double v, std::int64_t rater) const {
        const double n = members(by_user_.row(rater));
        const double idf = std::log(std::max(2.0, kItems / n));
        const double mean = static_cast<double>(by_user_.nonzeros()) / static_cast<double>(by_user_.rows());
        switch (options_.user_weighting) {
            case UserWeighting::none:
                return 1;
            case UserWeighting::activity:
                return 1 / std::sqrt(n);
            case UserWeighting::idf:
                return idf;
            case UserWeighting::bm25:
                return idf * 2.2 / (std::fabs(v) + 1.2 * (.25 + .75 * n / mean));
        }
        return 0;
    }
    std::optional<double> value(std::int64_t item, std::int64_t rater) const {
        const SparseRow row = by_item_.row(item);
        const auto found = std::ranges::find(row.columns, static_cast<std::int32_t>(rater));
        if (found == row.columns.end()) return {};
        const double v = row.values[static_cast<std::size_t>(found - row.columns.begin())];
        if (options_.similarity == Similarity::pearson) return v - mean_of(row.values);
        if (options_.similarity == Similarity::adjusted_cosine)
            return v - mean_of(by_user_.row(rater).values);
        if (!members_only()) return v * weight(v, rater);
        if (!options_.all_are_members && !(v > 0)) return {};
        return options_.similarity == Similarity::cooccurrence ? weight(1, rater) : 1;
    }
    double norm(std::int64_t item) const {
        double square = 0;
        for (const std::int32_t rater : by_item_.row(item).columns)
            square += std::pow(*value(item, rater), 2);
        return std::sqrt(square);
    }

    const SparseMatrix &by_item_, &by_user_;
    const Options options_;
};

struct Case {
    std::string name;
    Options options;
};

std::vector<Case> cases() {
    std::vector<Case> result;
    const std::vector<std::string> names{"cosine", "pearson", "adjusted", "jaccard", "counts", "walks"};
    for (int s = 0; s < 6; s++)
        for (const float shrinkage : {0.f, 2.5f})
            for (const bool all : {false, true})
                result.push_back({names[s] + (shrinkage > 0 ? "Shrunk" : "") + (all ? "All" : ""),
                                  {.similarity = static_cast<Similarity>(s),
                                   .neighbours = 9,
                                   .shrinkage = shrinkage,
                                   .all_are_members = all}});
    for (const auto similarity : {Similarity::cosine, Similarity::cooccurrence})
        for (int w = 1; w <= 3; w++)
            result.push_back({names[static_cast<int>(similarity)] + "Weighted" + std::to_string(w),
                              {.similarity = similarity,
                               .neighbours = 9,
                               .user_weighting = static_cast<UserWeighting>(w)}});
    return result;
}

class Neighbours : public testing::TestWithParam<Case> {
  protected:
    // Every row holds the most similar others, and says how similar they are.
    void expect_brute_force(const SparseMatrix& by_user) {
        const SparseMatrix by_item = transpose(by_user, 1, host_);
        const SparseMatrix found = train(by_item, by_user, GetParam().options, host_);
        const BruteForce brute(by_item, by_user, GetParam().options);
        ASSERT_EQ(found.rows(), kItems);
        for (std::int64_t a = 0; a < kItems; a++) {
            std::vector<double> all;
            for (std::int64_t b = 0; b < kItems; b++)
                if (b != a && brute.similarity(a, b) > 1e-7) all.push_back(brute.similarity(a, b));
            std::sort(all.rbegin(), all.rend());
            all.resize(
                std::min<std::size_t>(all.size(), static_cast<std::size_t>(GetParam().options.neighbours)));
            expect_row(brute, found.row(a), a, all);
        }
    }

  private:
    void expect_row(const BruteForce& brute, SparseRow row, std::int64_t a, const std::vector<double>& all) {
        ASSERT_EQ(row.size(), all.size()) << a;
        double scale = 1;
        if (GetParam().options.similarity == Similarity::rp3beta) {
            scale = 0;
            for (const double similarity : all) scale += similarity;
        }
        for (std::size_t k = 0; k < row.size(); k++) {
            EXPECT_TRUE(k == 0 || row.columns[k - 1] < row.columns[k]);
            const double expected = brute.similarity(a, row.columns[k]);
            EXPECT_NEAR(row.values[k], expected / scale, 2e-6 * std::max(1.0, expected));
            EXPECT_GE(expected, all.back() - 1e-5);
        }
    }

  protected:
    QuietHost host_;
};

TEST_P(Neighbours, OfLikesAreThoseOfBruteForce) { expect_brute_force(test::made_likes(kRaters, kItems, .2)); }

TEST_P(Neighbours, OfLikesAndDislikesAreThoseOfBruteForce) {
    expect_brute_force(test::made_weights(kRaters, kItems, .3));
}

// So few common raters that the touched rows are noted.
TEST_P(Neighbours, OfFewRatingsAreThoseOfBruteForce) {
    expect_brute_force(test::made_weights(kRaters, kItems, .03));
}

TEST_P(Neighbours, HaveTheSameBitsForAnyNumberOfThreads) {
    const auto by_user = test::made_weights(kRaters, kItems, .3);
    const auto by_item = transpose(by_user, 1, host_);
    Options options = GetParam().options;
    const SparseMatrix one = train(by_item, by_user, options, host_);
    options.threads = 3;
    const SparseMatrix three = train(by_item, by_user, options, host_);
    EXPECT_EQ(one.start, three.start);
    EXPECT_EQ(one.columns, three.columns);
    EXPECT_EQ(std::memcmp(one.values.data(), three.values.data(), one.values.size() * sizeof(float)), 0);
}

INSTANTIATE_TEST_SUITE_P(All, Neighbours, testing::ValuesIn(cases()),
                         [](const auto& info) { return info.param.name; });

TEST(NeighboursOfTies, AreTheFirstOnes) {
    SparseMatrix by_user;
    by_user.columns_count = 5;
    by_user.columns = {0, 1, 2, 3, 4};
    by_user.values = {1, 1, 1, 1, 1};
    by_user.start = {0, 5};
    QuietHost host;
    const auto by_item = transpose(by_user, 1, host);
    const SparseMatrix found = train(by_item, by_user, {.neighbours = 2}, host);
    EXPECT_TRUE(std::ranges::equal(found.row(0).columns, std::vector{1, 2}));
    EXPECT_TRUE(std::ranges::equal(found.row(4).columns, std::vector{0, 1}));
}

}  // namespace
}  // namespace personalize::core::knn
