#include "core/ranking/shape_list.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

std::vector<std::int32_t> indexes(const std::vector<Scored>& list) {
    std::vector<std::int32_t> result;
    for (const Scored& item : list) result.push_back(item.index);
    return result;
}

TEST(Boost, RaisesAndLowersScoresOfEitherSign) {
    EXPECT_EQ(boosted(2, 3), 6);
    EXPECT_EQ(boosted(2, .5f), 1);
    EXPECT_EQ(boosted(-2, 2), -1);
    EXPECT_EQ(boosted(-2, .5f), -4);
    EXPECT_EQ(boosted(0, 9), 0);
    EXPECT_TRUE(std::isfinite(boosted(3e38f, 1e6f)) && std::isfinite(boosted(-3e38f, 1e-6f)));
}

TEST(Boost, ListsAreRankedAgain) {
    std::vector<Scored> list{{4, 3}, {9, 2}, {1, 1}, {7, -1}};
    const std::vector<Boost> boosts{{1, 3.5f}, {4, .1f}, {8, 100}};
    boost_list(list, boosts, std::vector<float>(10), 3);
    EXPECT_EQ(indexes(list), (std::vector<std::int32_t>{1, 9, 4}));
    EXPECT_EQ(list[0].score, 3.5f);
}

TEST(Boost, WhatIsPopularIsRankedByItsPopularity) {
    const std::vector<float> popularity{1, 9, 6, 5, 0, 6};
    std::vector<Scored> list{{4, 3}, {1, 0}, {2, 0}, {5, 0}, {3, 0}, {0, 0}};
    boost_list(list, {}, popularity, 9);
    EXPECT_EQ(indexes(list), (std::vector<std::int32_t>{4, 1, 2, 5, 3, 0}));
    boost_list(list, std::vector<Boost>{{1, .1f}, {3, 2}}, popularity, 9);
    EXPECT_EQ(indexes(list), (std::vector<std::int32_t>{4, 3, 2, 5, 0, 1}));
}

// The definition, by brute force.
std::vector<Scored> naive(std::vector<Scored> list, double diversity, int n,
                          const ItemSimilarity& similarity) {
    std::vector<Scored> chosen;
    const double high = list.front().score, low = list.back().score;
    while (!list.empty() && std::ssize(chosen) < n) {
        const auto value = [&](const Scored& item) {
            double nearest = chosen.empty() ? 0 : -1;
            for (const Scored& other : chosen)
                nearest = std::max(nearest, similarity(item.index, other.index));
            return (1 - diversity) * (high > low ? (item.score - low) / (high - low) : 1) -
                   diversity * nearest;
        };
        const auto best = std::max_element(
            list.begin(), list.end(), [&](const Scored& a, const Scored& b) { return value(a) < value(b); });
        chosen.push_back(*best);
        list.erase(best);
    }
    return chosen;
}

TEST(Diversify, IsMaximalMarginalRelevance) {
    Random random(1, 0);
    QuietHost host;
    for (int round = 0; round < 50; round++) {
        const auto count = 1 + static_cast<std::int32_t>(random.below(30));
        std::vector<std::vector<double>> alike(static_cast<std::size_t>(count),
                                               std::vector<double>(static_cast<std::size_t>(count)));
        std::vector<Scored> list;
        for (std::int32_t a = 0; a < count; a++) {
            list.push_back({a, static_cast<float>(random.normal())});
            for (std::int32_t b = 0; b < a; b++) alike[a][b] = alike[b][a] = 2 * random.uniform() - 1;
        }
        std::sort(list.begin(), list.end(),
                  [](const Scored& a, const Scored& b) { return a.score > b.score; });
        const auto similarity = [&](std::int32_t a, std::int32_t b) { return alike[a][b]; };
        for (const double diversity : {0., .3, .7, 1.}) {
            auto shaped = list;
            diversify(shaped, diversity, 10, similarity, host);
            EXPECT_EQ(indexes(shaped), indexes(naive(list, diversity, 10, similarity))) << diversity;
        }
        auto same = list;
        diversify(same, 0, count, similarity, host);
        EXPECT_EQ(indexes(same), indexes(list)) << "no diversity is no change";
    }
}

TEST(Diversify, NothingAndEqualScores) {
    QuietHost host;
    std::vector<Scored> none, equal{{3, 1}, {5, 1}};
    diversify(
        none, .5, 3, [](auto, auto) { return 1.; }, host);
    EXPECT_TRUE(none.empty());
    diversify(
        equal, .5, 0, [](auto, auto) { return 1.; }, host);
    EXPECT_TRUE(equal.empty());
    EXPECT_EQ(diversity_pool(1), 50);
    EXPECT_GT(diversity_pool(2147483647), 0);
}

}  // namespace
}  // namespace personalize::core
