#include "core/factorization/explain.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "core/factorization/als.hpp"
#include "core/factorization/fold_in.hpp"
#include "core/ranking/top_k.hpp"
#include "core/ratings/transpose.hpp"
#include "factorization/made_ratings.hpp"

namespace personalize::core {
namespace {

// For every user and some items: the contributions add up to the score of whoever is folded in.
void expect_sums(const SparseMatrix& by_user, const Objective& objective) {
    QuietHost host;
    als::Options options;
    options.objective = objective;
    options.iterations = 4;
    const auto model = als::train(by_user, transpose(by_user, 1, host), options, host);
    const FactorsView items = model.items.view();
    std::vector<float> gram(base_gram_floats(objective.rank));
    if (!objective.has_biases()) base_gram(items, objective, gram.data());
    const auto fold_in = FoldIn::of(objective);
    Factors user(1, objective.width());
    for (std::int64_t u = 0; u < by_user.rows(); u++) {
        const SparseRow row = by_user.row(u);
        if (row.size() == 0) continue;
        fold_in->solve(items, gram.data(), row.columns, row.values, user.row(0));
        for (const std::int32_t item : {0, 7, 19}) {
            const Explanation why =
                explain_fold_in(objective, items, gram.data(), row.columns, row.values, item, host);
            ASSERT_EQ(why.contributions.size(), row.size());
            const double sum =
                std::accumulate(why.contributions.begin(), why.contributions.end(), why.baseline);
            EXPECT_NEAR(sum, score(items, user.row(0), 0, item), 1e-4) << u << " " << item;
        }
    }
}

TEST(ExplainFoldIn, ContributionsAddUpToTheScoreOfLikesAndDislikes) {
    expect_sums(test::made_weights(40, 25, .3),
                {.rank = 6, .regularization = .01f, .unobserved_weight = .2f});
}

TEST(ExplainFoldIn, ContributionsAndTheItemsBiasAddUpToTheRating) {
    const test::Planted planted(40, 25);
    const auto matrix = test::made_matrix(40, 25, .4, [&](auto u, auto i, auto&) { return planted(u, i); });
    expect_sums(matrix, {.feedback = Feedback::explicit_feedback, .rank = 5, .regularization = .05f});
}

// A dislike says nothing for the item by itself; it bends what the likes say.
TEST(ExplainFoldIn, DislikesContributeNothing) {
    QuietHost host;
    Factors items(3, 2);
    for (int i = 0; i < 3; i++) items.row(i)[i % 2] = 1;
    const Objective objective{.rank = 2, .regularization = .1f, .unobserved_weight = .1f};
    std::vector<float> gram(base_gram_floats(2));
    base_gram(items.view(), objective, gram.data());
    const std::vector<std::int32_t> seen{0, 1};
    const std::vector<float> values{1, -2};
    const Explanation why = explain_fold_in(objective, items.view(), gram.data(), seen, values, 2, host);
    EXPECT_GT(why.contributions[0], 0);
    EXPECT_EQ(why.contributions[1], 0);
}

TEST(ShareRounding, MakesTheSumTheScore) {
    Explanation why{1, {.5, -2, 3}};
    share_rounding(2.5001, why);
    EXPECT_DOUBLE_EQ(why.baseline + why.contributions[0] + why.contributions[1] + why.contributions[2],
                     2.5001);
    EXPECT_NEAR(why.contributions[1], -2, 1e-4);
    EXPECT_GT(why.contributions[1], -2);
    const Explanation before = why;
    share_rounding(2.6, why);  // no rounding
    EXPECT_EQ(why.contributions, before.contributions);
    Explanation nothing{0, {0}};
    share_rounding(1, nothing);
    EXPECT_EQ(nothing.contributions[0], 0);
}

TEST(MostTelling, AreTheLargestAndTheRestIsOne) {
    const Explanation why{1, {.5, -2, 3, .5}};
    const MostTelling two = most_telling(why, 2);
    EXPECT_EQ(two.observations, (std::vector<std::size_t>{2, 0}));
    EXPECT_TRUE(two.has_others);
    EXPECT_DOUBLE_EQ(two.others, -1.5);
    EXPECT_FALSE(most_telling(why, 4).has_others);
    EXPECT_EQ(most_telling(why, 9).observations.size(), 4u);
    EXPECT_DOUBLE_EQ(most_telling(why, 0).others, 2);
}

}  // namespace
}  // namespace personalize::core
