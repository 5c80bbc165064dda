#include "core/evaluation/holdout.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace personalize::core {
namespace {

constexpr int kUsers = 400, kItems = 250, kPairs = kUsers * kItems;

// Within 5 standard deviations of a binomial count.
void expect_share(int count, double share) {
    EXPECT_NEAR(count, kPairs * share, 5 * std::sqrt(kPairs * share * (1 - share)) + 1e-9) << share;
}

template <class Condition>
int count_pairs(Condition condition) {
    int count = 0;
    for (int user = 0; user < kUsers; user++)
        for (int item = 0; item < kItems; item++) count += condition(Id::of(user), Id::of(item));
    return count;
}

TEST(Holdout, HasItsShare) {
    for (const double fraction : {0.0, .001, .1, .25, .5, .9, 1.0})
        expect_share(count_pairs([&](Id u, Id i) { return in_holdout(u, i, fraction, 0); }), fraction);
    const auto of_texts = [](Id u, Id i) {
        const std::string user = "user " + std::to_string(u.integer), item = std::to_string(i.integer);
        return in_holdout(Id::text(user), Id::text(item), .1, 0);
    };
    expect_share(count_pairs(of_texts), .1);
}

// Every user and every item has its share, too: neither decides alone.
TEST(Holdout, HasItsShareOfEachUser) {
    for (int user = 0; user < kUsers; user++) {
        int count = 0;
        for (int item = 0; item < 1000; item++) count += in_holdout(Id::of(user), Id::of(item), .2, 0);
        EXPECT_NEAR(count, 200, 6 * std::sqrt(160.0)) << user;
    }
}

TEST(Holdout, SmallerIsPartOfLarger) {
    for (double fraction = .05; fraction < 1; fraction += .1)
        EXPECT_EQ(count_pairs([&](Id u, Id i) {
                      return in_holdout(u, i, fraction, 7) && !in_holdout(u, i, fraction + .05, 7);
                  }),
                  0);
}

TEST(Holdout, SeedsAreIndependent) {
    for (const std::uint64_t seed : {UINT64_C(1), UINT64_C(2), UINT64_C(0xFFFFFFFFFFFFFFFF)})
        expect_share(
            count_pairs([&](Id u, Id i) { return in_holdout(u, i, .3, 0) && in_holdout(u, i, .3, seed); }),
            .09);
}

TEST(Holdout, UserAndItemAreNotExchanged) {
    expect_share(count_pairs([](Id u, Id i) { return in_holdout(u, i, .5, 0) != in_holdout(i, u, .5, 0); }),
                 .5 - .5 * kItems / kPairs);
}

// Bounds are exact: the hash is in [0, 1), compared by <.
TEST(Holdout, NothingAndEverything) {
    EXPECT_EQ(count_pairs([](Id u, Id i) { return in_holdout(u, i, 0, 3); }), 0);
    EXPECT_EQ(count_pairs([](Id u, Id i) { return in_holdout(u, i, 1, 3); }), kPairs);
    const double hash = unit_interval(hash_ids(Id::of(1), Id::of(2), 0));
    EXPECT_FALSE(in_holdout(Id::of(1), Id::of(2), hash, 0));
    EXPECT_TRUE(in_holdout(Id::of(1), Id::of(2), std::nextafter(hash, 1), 0));
}

TEST(Holdout, NeverChanges) {
    const auto members = [](std::uint64_t seed) {
        return count_pairs([seed](Id u, Id i) { return in_holdout(u, i, .1, seed); });
    };
    EXPECT_EQ(members(0), 10149);
    EXPECT_EQ(members(1), 10041);
    EXPECT_EQ(members(42), 9923);
}

}  // namespace
}  // namespace personalize::core
