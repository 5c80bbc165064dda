#include "core/ratings/rating_summary.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/runtime/error.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

constexpr std::size_t kPlenty = std::size_t{1} << 30;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN(),
                 kInfinity = std::numeric_limits<double>::infinity();

// Users are texts, items are integers.
struct Row {
    std::optional<std::string> user;
    std::optional<std::int64_t> item;
    std::optional<double> rating = 1;
    std::optional<double> time = 0;
};

RatingSummary summary_of(const std::vector<Row>& rows, const RatingLimits& limits = {},
                         std::size_t memory = kPlenty) {
    MemoryBudget budget(memory);
    QuietHost host;
    RatingSummary summary;
    {
        RatingCounter counter(IdType::text, IdType::integer, limits, budget);
        for (const Row& row : rows)
            counter.add({row.user ? std::optional(Id::text(*row.user)) : std::nullopt,
                         row.item ? std::optional(Id::of(*row.item)) : std::nullopt, row.rating, row.time});
        summary = counter.finish(host);
    }
    EXPECT_EQ(budget.used(), 0u);
    return summary;
}

double quantile(std::vector<double> values, double share) {
    std::sort(values.begin(), values.end());
    const double place = share * static_cast<double>(values.size() - 1);
    const double low = values[static_cast<std::size_t>(std::floor(place))];
    return low + (place - std::floor(place)) * (values[static_cast<std::size_t>(std::ceil(place))] - low);
}

template <class Key>
void expect_rows_per_id(const std::map<Key, double>& rows, const std::optional<RowsPerId>& result) {
    ASSERT_EQ(result.has_value(), !rows.empty());
    if (rows.empty()) return;
    std::vector<double> counts;
    for (const auto& [id, count] : rows) counts.push_back(count);
    EXPECT_EQ(result->minimum, quantile(counts, 0));
    EXPECT_EQ(result->median, quantile(counts, 0.5));
    EXPECT_NEAR(result->p90, quantile(counts, 0.9), 1e-9);
    EXPECT_EQ(result->maximum, quantile(counts, 1));
}

// By brute force.
void expect_as_counted(const std::vector<Row>& rows, const RatingSummary& summary) {
    std::map<std::string, double> users;
    std::map<std::int64_t, double> items;
    std::set<std::pair<std::string, std::int64_t>> pairs;
    std::vector<double> ratings;
    std::map<double, std::int64_t> values;
    std::int64_t with_both = 0, usable = 0;
    for (const Row& row : rows) {
        const bool finite = row.rating && std::isfinite(static_cast<float>(*row.rating));
        if (row.user) users[*row.user]++;
        if (row.item) items[*row.item]++;
        if (row.user && row.item) {
            with_both++;
            usable += finite;
            pairs.emplace(*row.user, *row.item);
        }
        if (finite) ratings.push_back(*row.rating);
        if (finite) values[*row.rating]++;
    }
    EXPECT_EQ(summary.rows, std::ssize(rows));
    EXPECT_EQ(summary.usable_rows, usable);
    EXPECT_EQ(summary.users, std::ssize(users));
    EXPECT_EQ(summary.items, std::ssize(items));
    EXPECT_EQ(summary.pairs, std::ssize(pairs));
    EXPECT_EQ(summary.repeats, with_both - std::ssize(pairs));
    expect_rows_per_id(users, summary.per_user);
    expect_rows_per_id(items, summary.per_item);
    EXPECT_EQ(summary.users_with_few_rows,
              std::count_if(users.begin(), users.end(), [](const auto& user) { return user.second < 5; }));
    EXPECT_EQ(summary.ratings.count(), std::ssize(ratings));
    if (values.size() > RatingValues::kMaxDistinct) {
        EXPECT_TRUE(summary.distribution.empty());
        for (std::size_t k = 0; k < RatingSummary::kShares.size(); k++)
            EXPECT_NEAR(summary.quantiles[k], quantile(ratings, RatingSummary::kShares[k]), 1e-9);
        return;
    }
    EXPECT_TRUE(summary.quantiles.empty());
    std::vector<std::pair<double, std::int64_t>> distribution;
    for (const ValueCount& value : summary.distribution) distribution.emplace_back(value.value, value.count);
    EXPECT_EQ(distribution, (std::vector<std::pair<double, std::int64_t>>(values.begin(), values.end())));
}

std::vector<Row> made_rows(int n, int users, int items, int values, std::uint64_t seed) {
    Random random(seed, 0);
    const auto below = [&](int limit) {
        return static_cast<int>(random.below(static_cast<unsigned>(limit)));
    };
    std::vector<Row> rows;
    for (int k = 0; k < n; k++) {
        Row row{"user " + std::to_string(below(users)), below(items), below(values) - 2.0, {}};
        if (below(20) == 0) row.user.reset();
        if (below(20) == 0) row.item.reset();
        if (below(20) == 0) row.rating.reset();
        if (below(20) == 0) row.rating = kNaN;
        if (below(40) == 0) row.rating = kInfinity;
        rows.push_back(row);
    }
    return rows;
}

TEST(RatingSummary, AgreesWithBruteForce) {
    for (const int n : {1, 10, 100, 3000})
        for (const int values : {1, 5, 20, 21, 300})
            for (const auto& [users, items] : {std::pair(1, 1), {3, 100}, {100, 3}, {50, 40}, {2000, 2000}}) {
                const auto rows = made_rows(n, users, items, values, static_cast<std::uint64_t>(n + values));
                SCOPED_TRACE(std::to_string(n) + ' ' + std::to_string(values) + ' ' + std::to_string(users));
                expect_as_counted(rows, summary_of(rows));
            }
}

TEST(RatingSummary, OrderOfRowsDoesNotMatter) {
    auto rows = made_rows(2000, 30, 40, 50, 7);
    const RatingSummary before = summary_of(rows);
    std::reverse(rows.begin(), rows.end());
    const RatingSummary after = summary_of(rows);
    EXPECT_EQ(before.repeats, after.repeats);
    EXPECT_EQ(before.quantiles, after.quantiles);
    EXPECT_NEAR(static_cast<double>(before.ratings.mean() - after.ratings.mean()), 0, 1e-15);
}

TEST(RatingSummary, OfNothing) {
    const RatingSummary summary = summary_of({});
    expect_as_counted({}, summary);
    EXPECT_EQ(summary.first_time, std::nullopt);
}

TEST(RatingSummary, NothingButNulls) {
    const std::vector<Row> rows(3, Row{{}, {}, {}, {}});
    const RatingSummary summary = summary_of(rows);
    expect_as_counted(rows, summary);
    EXPECT_EQ(summary.null_users, 3);
    EXPECT_EQ(summary.null_items, 3);
    EXPECT_EQ(summary.null_ratings, 3);
    EXPECT_EQ(summary.null_times, 3);
}

TEST(RatingSummary, FlawsAreCountedApart) {
    const RatingSummary summary = summary_of({{"a", 1, kNaN},
                                              {"b", {}, kInfinity},
                                              {{}, 1, -kInfinity},
                                              {"", 1, 1e39},  // infinite as a float
                                              {" \t\n\r\f\v", 2, -0.0},
                                              {" x", 2, -1},
                                              {"c", 3, {}}});
    EXPECT_EQ(summary.nan_ratings, 1);
    EXPECT_EQ(summary.infinite_ratings, 3);
    EXPECT_EQ(summary.null_ratings, 1);
    EXPECT_EQ(summary.blank_users, 2);
    EXPECT_EQ(summary.blank_items, 0);
    EXPECT_EQ(summary.negative_ratings, 1);
    EXPECT_EQ(summary.zero_ratings, 1);
    EXPECT_EQ(summary.usable_rows, 2);
    EXPECT_EQ(summary.ratings.minimum(), -1);
    EXPECT_FALSE(std::signbit(summary.ratings.maximum()));
}

TEST(RatingSummary, LimitsAreComparedAsFloats) {
    RatingLimits limits;
    limits.lowest = 0.1f;
    limits.highest = 4.1f;
    const RatingSummary summary = summary_of(
        {{"a", 1, 0.1}, {"a", 2, 4.1}, {"a", 3, 0.0999}, {"a", 4, 5}, {"a", 5, kInfinity}}, limits);
    EXPECT_EQ(summary.below_lowest, 1);
    EXPECT_EQ(summary.above_highest, 1);
}

TEST(RatingSummary, Times) {
    RatingLimits limits;
    limits.now = 100;
    const RatingSummary summary = summary_of(
        {{"a", 1, 1, 50}, {"a", 2, 1, 100}, {"a", 3, 1, 101}, {"a", 4, 1, kNaN}, {"a", 5, 1, {}}}, limits);
    EXPECT_EQ(summary.first_time, 50);
    EXPECT_EQ(summary.last_time, 101);
    EXPECT_EQ(summary.future_times, 1);
    EXPECT_EQ(summary.null_times, 2);
}

TEST(RatingSummary, MemoryIsClaimedBeforeItIsTaken) {
    const auto rows = made_rows(20000, 1000, 1000, 1000, 3);
    for (std::size_t memory = 1 << 13; memory < (std::size_t{1} << 20); memory += 20011) {
        MemoryBudget budget(memory);
        QuietHost host;
        try {
            RatingCounter counter(IdType::text, IdType::integer, {}, budget);
            for (const Row& row : rows)
                counter.add({row.user ? std::optional(Id::text(*row.user)) : std::nullopt,
                             row.item ? std::optional(Id::of(*row.item)) : std::nullopt,
                             row.rating,
                             {}});
            counter.finish(host);
        } catch (const MemoryLimitExceeded&) {
        }
        EXPECT_EQ(budget.used(), 0u);
    }
}

}  // namespace
}  // namespace personalize::core
