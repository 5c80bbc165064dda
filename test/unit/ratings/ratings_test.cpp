#include "core/ratings/ratings.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>

#include "core/runtime/error.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

constexpr std::size_t kPlenty = std::size_t{1} << 30;

struct Row {
    std::int64_t user, item;
    float rating;
    double time = 0;
};

Ratings build(const std::vector<Row>& rows, OnDuplicate on_duplicate, bool with_time = true,
              int threads = 1) {
    MemoryBudget budget(kPlenty);
    RatingsBuilder builder(IdType::integer, IdType::integer, with_time, budget, threads);
    for (const Row& row : rows) builder.add(Id::of(row.user), Id::of(row.item), row.rating, row.time);
    EXPECT_EQ(builder.rows(), static_cast<std::int64_t>(rows.size()));
    QuietHost host;
    return builder.finish(on_duplicate, host);
}

float merged(std::vector<Row> group, OnDuplicate on_duplicate) {
    std::sort(group.begin(), group.end(), [](const Row& a, const Row& b) { return a.rating < b.rating; });
    if (on_duplicate == OnDuplicate::last)
        return std::max_element(group.begin(), group.end(),
                                [](const Row& a, const Row& b) {
                                    return std::pair(a.time, a.rating) < std::pair(b.time, b.rating);
                                })
            ->rating;
    double sum = 0;
    for (const Row& row : group) sum += row.rating;
    return static_cast<float>(on_duplicate == OnDuplicate::mean ? sum / static_cast<double>(group.size())
                                                                : sum);
}

// What finish() must return, by brute force.
void expect_as_map(const std::vector<Row>& rows, OnDuplicate on_duplicate, const Ratings& ratings) {
    std::map<std::int64_t, std::map<std::int64_t, std::vector<Row>>> groups;
    std::map<std::int64_t, int> items;
    for (const Row& row : rows) {
        groups[row.user][row.item].push_back(row);
        items[row.item] = 0;
    }
    ASSERT_EQ(ratings.users.size(), std::ssize(groups));
    ASSERT_EQ(ratings.items.size(), std::ssize(items));
    ASSERT_EQ(ratings.by_user.columns_count, std::ssize(items));
    ASSERT_EQ(ratings.by_user.rows(), std::ssize(groups));
    std::int64_t user = 0, pairs = 0;
    for (const auto& [user_id, of_user] : groups) {
        ASSERT_EQ(ratings.users.view().at(user), Id::of(user_id));
        const SparseRow row = ratings.by_user.row(user++);
        ASSERT_EQ(row.size(), of_user.size());
        std::size_t k = 0;
        for (const auto& [item_id, group] : of_user) {
            ASSERT_EQ(ratings.items.view().at(row.columns[k]), Id::of(item_id));
            ASSERT_EQ(row.values[k], merged(group, on_duplicate));
            k++;
        }
        pairs += std::ssize(of_user);
    }
    EXPECT_EQ(ratings.merged, std::ssize(rows) - pairs);
}

std::vector<Row> random_rows(int count, std::uint64_t users, std::uint64_t items, std::uint64_t seed) {
    Random random(seed, 0);
    std::vector<Row> rows;
    for (int k = 0; k < count; k++)
        rows.push_back({static_cast<std::int64_t>(random.below(users)) - 20,
                        static_cast<std::int64_t>(random.below(items)) * 7,
                        static_cast<float>(random.normal()), static_cast<double>(random.below(5))});
    return rows;
}

void shuffle(std::vector<Row>& rows, std::uint64_t seed) {
    Random random(seed, 1);
    for (std::size_t k = rows.size(); k > 1; k--) std::swap(rows[k - 1], rows[random.below(k)]);
}

TEST(RatingsBuilder, EqualsBruteForceInAnyOrder) {
    for (const auto& [users, items] : {std::pair{50u, 30u}, {1u, 400u}, {400u, 1u}, {1u, 1u}, {900u, 900u}}) {
        auto rows = random_rows(20'000, users, items, users);
        for (const auto on_duplicate : {OnDuplicate::sum, OnDuplicate::mean, OnDuplicate::last}) {
            const Ratings ratings = build(rows, on_duplicate);
            expect_as_map(rows, on_duplicate, ratings);
            shuffle(rows, 3);
            const Ratings again = build(rows, on_duplicate);
            EXPECT_EQ(ratings.by_user.start, again.by_user.start);
            EXPECT_EQ(ratings.by_user.columns, again.by_user.columns);
            EXPECT_EQ(ratings.by_user.values, again.by_user.values);
            EXPECT_EQ(ratings.merged, again.merged);
        }
    }
}

TEST(RatingsBuilder, WithoutRowsIsEmpty) {
    const Ratings ratings = build({}, OnDuplicate::error);
    EXPECT_EQ(ratings.users.size(), 0);
    EXPECT_EQ(ratings.by_user.rows(), 0);
    EXPECT_EQ(ratings.by_user.nonzeros(), 0);
}

TEST(RatingsBuilder, TakesIdsOfAnyType) {
    MemoryBudget budget(kPlenty);
    RatingsBuilder builder(IdType::text, IdType::uuid, false, budget);
    const std::string first(16, '\x01'), second(16, '\xf0');
    builder.add(Id::text("b"), Id::uuid(second), 1);
    builder.add(Id::text("a"), Id::uuid(first), 2);
    builder.add(Id::text("b"), Id::uuid(first), 3);
    QuietHost host;
    const Ratings ratings = builder.finish(OnDuplicate::error, host);
    EXPECT_EQ(ratings.users.view().at(1), Id::text("b"));
    EXPECT_EQ(ratings.items.view().at(1), Id::uuid(second));
    EXPECT_EQ(ratings.by_user.columns, (BulkVector<std::int32_t>{0, 0, 1}));
    EXPECT_EQ(ratings.by_user.values, (BulkVector<float>{2, 3, 1}));
}

TEST(OnDuplicate, LastTakesTheLargestTimeThenTheLargestRating) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(build({{1, 1, 9, 1}, {1, 1, 2, 5}, {1, 1, 3, 5}, {1, 1, 8, nan}}, OnDuplicate::last)
                  .by_user.values[0],
              3);
    EXPECT_EQ(build({{1, 1, 9, nan}, {1, 1, 2, -1e300}}, OnDuplicate::last).by_user.values[0], 2);
    EXPECT_EQ(build({{1, 1, 4}, {1, 1, 6}, {1, 1, 5}}, OnDuplicate::last, false).by_user.values[0], 6);
}

TEST(OnDuplicate, LastOfZerosHasNoSign) {
    for (const auto& rows : {std::vector<Row>{{1, 1, 0.0f}, {1, 1, -0.0f}}, {{1, 1, -0.0f}, {1, 1, 0.0f}}})
        EXPECT_FALSE(std::signbit(build(rows, OnDuplicate::last).by_user.values[0]));
}

TEST(OnDuplicate, ErrorNamesTheFirstUserAndItem) {
    const std::vector<Row> rows{{9, 1, 1}, {9, 1, 1}, {4, 8, 1}, {4, 7, 1}, {4, 8, 1}, {4, 7, 1}, {3, 1, 1}};
    try {
        build(rows, OnDuplicate::error);
        FAIL();
    } catch (const InvalidInput& error) {
        EXPECT_STREQ(error.what(), "user 4 and item 7 occur in more than one row");
        EXPECT_NE(error.hint().find("on_duplicate"), std::string::npos);
    }
}

TEST(OnDuplicate, SumThatOverflowsIsRefused) {
    constexpr float kHuge = std::numeric_limits<float>::max();
    try {
        build({{1, 2, kHuge}, {1, 2, kHuge}}, OnDuplicate::sum);
        FAIL();
    } catch (const InvalidInput& error) {
        EXPECT_NE(std::string(error.what()).find("user 1 and item 2"), std::string::npos);
    }
    EXPECT_EQ(build({{1, 2, kHuge}, {1, 2, kHuge}}, OnDuplicate::mean).by_user.values[0], kHuge);
    EXPECT_EQ(build({{1, 2, kHuge}, {1, 2, kHuge}, {1, 2, -kHuge}}, OnDuplicate::sum).by_user.values[0],
              kHuge);
}

TEST(RatingsBuilder, RefusesRatingsThatAreNotFinite) {
    MemoryBudget budget(kPlenty);
    RatingsBuilder builder(IdType::integer, IdType::text, false, budget);
    try {
        builder.add(Id::of(7), Id::text("tea"), -std::numeric_limits<float>::infinity());
        FAIL();
    } catch (const InvalidInput& error) {
        EXPECT_STREQ(error.what(), "the rating of user 7 for item \"tea\" is -Infinity");
    }
    EXPECT_EQ(builder.rows(), 0);
}

std::size_t claimed_after(std::size_t limit, int rows, bool with_time) {
    MemoryBudget budget(limit);
    RatingsBuilder builder(IdType::integer, IdType::integer, with_time, budget);
    QuietHost host;
    for (int k = 0; k < rows; k++) builder.add(Id::of(k % 100), Id::of(k / 100), 1);
    builder.finish(OnDuplicate::error, host);
    return budget.used();
}

TEST(RatingsBuilder, LeavesIdsMatrixAndTransposeClaimed) {
    constexpr int kRows = 50'000, kUsers = 100, kItems = 500;
    const std::size_t expected = (kUsers + kItems) * sizeof(std::int64_t) +
                                 sparse_matrix_memory(kUsers, kRows) + sparse_matrix_memory(kItems, kRows);
    EXPECT_EQ(claimed_after(kPlenty, kRows, false), expected);
    EXPECT_EQ(claimed_after(kPlenty, kRows, true), expected);
}

// Whatever the limit, it is kept, and nothing stays claimed by what failed.
TEST(RatingsBuilder, RefusesToPassTheLimit) {
    for (std::size_t limit = 0; limit < 3'000'000; limit += 25'000) {
        MemoryBudget budget(limit);
        try {
            RatingsBuilder builder(IdType::integer, IdType::integer, true, budget, 1 + limit / 25'000 % 2);
            QuietHost host;
            for (int k = 0; k < 30'000; k++) builder.add(Id::of(k % 100), Id::of(k / 100), 1);
            builder.finish(OnDuplicate::error, host);
        } catch (const MemoryLimitExceeded&) {
            EXPECT_LT(budget.used(), 10'000u) << limit;  // lists of ids that were finished
        }
        EXPECT_LE(budget.used(), limit);
    }
}

TEST(RatingsBuilder, IsTheSameWithASideThread) {
    std::vector<Row> rows;
    for (std::uint64_t k = 0; k < 20'000; k++)
        rows.push_back({static_cast<std::int64_t>(mix64(k) % 300), static_cast<std::int64_t>(mix64(~k) % 200),
                        1, static_cast<double>(k)});
    const Ratings one = build(rows, OnDuplicate::sum), two = build(rows, OnDuplicate::sum, true, 2);
    EXPECT_EQ(one.by_user.start, two.by_user.start);
    EXPECT_EQ(one.by_user.columns, two.by_user.columns);
    EXPECT_EQ(one.by_user.values, two.by_user.values);
    EXPECT_EQ(one.merged, two.merged);
}

TEST(RatingsBuilder, GivesMemoryBackAfterMerging) {
    std::vector<Row> rows(100'000, Row{1, 1, 1});
    const Ratings ratings = build(rows, OnDuplicate::sum);
    EXPECT_EQ(ratings.by_user.values, BulkVector<float>{100'000});
    EXPECT_LT(ratings.by_user.columns.capacity(), 1'000u);
}

TEST(RatingsBuilder, StopsWhenTheHostSaysSo) {
    struct : Host {
        void poll() override { throw Cancelled(); }
    } host;
    MemoryBudget budget(kPlenty);
    {
        RatingsBuilder builder(IdType::integer, IdType::integer, false, budget);
        builder.add(Id::of(1), Id::of(1), 1);
        EXPECT_THROW(builder.finish(OnDuplicate::sum, host), Cancelled);
    }
    EXPECT_LT(budget.used(), 100u);
}

}  // namespace
}  // namespace personalize::core
