#include "core/evaluation/split.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "core/ratings/id_hash.hpp"
#include "core/runtime/error.hpp"
#include "planted_taste.hpp"

namespace personalize::core {
namespace {

using test::planted_taste;
using Pair = std::pair<std::int64_t, std::int64_t>;  // ids of user and item
using Pairs = std::map<Pair, float>;

Pairs pairs_of(const Ratings& ratings) {
    Pairs result;
    for (std::int64_t u = 0; u < ratings.by_user.rows(); u++) {
        const SparseRow row = ratings.by_user.row(u);
        for (std::size_t k = 0; k < row.size(); k++)
            result[{ratings.users.view().at(u).integer, ratings.items.view().at(row.columns[k]).integer}] =
                row.values[k];
    }
    return result;
}

// The latest time of each pair.
std::map<Pair, double> times_of(const Ratings& ratings) {
    std::map<Pair, double> result;
    for (std::int64_t u = 0; u < ratings.by_user.rows(); u++)
        for (std::int64_t k = ratings.by_user.start[u]; k < ratings.by_user.start[u + 1]; k++)
            result[{ratings.users.view().at(u).integer,
                    ratings.items.view().at(ratings.by_user.columns[k]).integer}] = ratings.times[k];
    return result;
}

Split split_of(const Ratings& all, const SplitOptions& options) {
    QuietHost host;
    return split(all, options, host);
}

// Each part is whole: ids that are used, in order, no user without a rating.
void expect_whole(const Ratings& part) {
    ASSERT_EQ(part.by_user.rows(), part.users.size());
    ASSERT_EQ(part.by_user.columns_count, part.items.size());
    ASSERT_EQ(part.by_user.nonzeros(), std::ssize(part.by_user.columns));
    std::set<std::int32_t> items(part.by_user.columns.begin(), part.by_user.columns.end());
    EXPECT_EQ(std::ssize(items), part.items.size());
    for (std::int64_t u = 0; u < part.users.size(); u++) {
        const SparseRow row = part.by_user.row(u);
        EXPECT_GT(row.size(), 0u);
        EXPECT_TRUE(std::is_sorted(row.columns.begin(), row.columns.end()));
        if (u > 0) {
            EXPECT_LT(part.users.view().at(u - 1).integer, part.users.view().at(u).integer);
        }
    }
}

// Every rating is in one part with the value that it had, or, where some are left out, in none.
void expect_parts_of(const Ratings& all, const Split& parts, bool complete) {
    expect_whole(parts.train);
    expect_whole(parts.test);
    const Pairs wanted = pairs_of(all), train = pairs_of(parts.train), test = pairs_of(parts.test);
    for (const auto& [pair, rating] : train) EXPECT_EQ(wanted.at(pair), rating);
    for (const auto& [pair, rating] : test) {
        EXPECT_EQ(wanted.at(pair), rating);
        EXPECT_FALSE(train.contains(pair));
    }
    if (complete) {
        EXPECT_EQ(train.size() + test.size(), wanted.size());
    }
}

TEST(Split, RandomIsByHashOfThePair) {
    const Ratings all = planted_taste();
    const Split parts = split_of(all, {.fraction = .3, .seed = 5});
    expect_parts_of(all, parts, true);
    Pairs wanted;
    for (const auto& [pair, rating] : pairs_of(all))
        if (unit_interval(hash_ids(Id::of(pair.first), Id::of(pair.second), 5)) < .3) wanted[pair] = rating;
    EXPECT_EQ(pairs_of(parts.test), wanted);
    EXPECT_NE(pairs_of(split_of(all, {.fraction = .3, .seed = 6}).test), wanted);
}

TEST(Split, RandomFoldsHoldOutEachRatingOnce) {
    const Ratings all = planted_taste();
    Pairs held_out;
    std::size_t count = 0;
    for (int fold = 0; fold < 4; fold++) {
        const Split parts = split_of(all, {.folds = 4, .fold = fold});
        expect_parts_of(all, parts, true);
        const Pairs test = pairs_of(parts.test);
        count += test.size();
        held_out.insert(test.begin(), test.end());
    }
    EXPECT_EQ(count, held_out.size());
    EXPECT_EQ(held_out, pairs_of(all));
}

// By brute force: the items of each user, latest first.
std::map<std::int64_t, std::vector<std::int64_t>> latest_first(const Ratings& all) {
    std::map<std::int64_t, std::vector<std::pair<double, std::int64_t>>> by_time;
    for (const auto& [pair, time] : times_of(all)) by_time[pair.first].emplace_back(-time, pair.second);
    std::map<std::int64_t, std::vector<std::int64_t>> result;
    for (auto& [user, items] : by_time) {
        std::sort(items.begin(), items.end());
        for (const auto& [time, item] : items) result[user].push_back(item);
    }
    return result;
}

TEST(Split, LeaveOneOutTakesTheLatestThenTheOneBefore) {
    const Ratings all = planted_taste({.density = .15});
    for (int fold = 0; fold < 3; fold++) {
        const Split parts = split_of(all, {.method = SplitMethod::leave_one_out, .folds = 3, .fold = fold});
        expect_parts_of(all, parts, fold == 0);
        const Pairs train = pairs_of(parts.train), test = pairs_of(parts.test);
        std::size_t held_out = 0;
        for (const auto& [user, items] : latest_first(all)) {
            const bool enough = std::ssize(items) >= fold + 2;
            held_out += enough;
            for (int k = 0; k < std::ssize(items); k++) {
                EXPECT_EQ(test.contains({user, items[k]}), enough && k == fold);
                EXPECT_EQ(train.contains({user, items[k]}), k > fold || (!enough && k == fold))
                    << user << " " << k;
            }
        }
        EXPECT_EQ(test.size(), held_out);
    }
}

TEST(Split, LeaveOneOutWithoutTimesTakesAnotherItemInEachFold) {
    const Ratings all = planted_taste({.with_times = false});
    std::map<std::int64_t, std::set<std::int64_t>> held_out;
    for (int fold = 0; fold < 4; fold++) {
        const Split parts = split_of(all, {.method = SplitMethod::leave_one_out, .folds = 4, .fold = fold});
        expect_parts_of(all, parts, true);
        for (const auto& [pair, rating] : pairs_of(parts.test))
            EXPECT_TRUE(held_out[pair.first].insert(pair.second).second);
    }
    for (std::int64_t u = 0; u < all.users.size(); u++) {
        const auto count = std::min<std::size_t>(4, all.by_user.row(u).size() - 1);
        EXPECT_EQ(held_out[all.users.view().at(u).integer].size(), count);
    }
}

TEST(Split, LastTakesEachUsersLatestShare) {
    const Ratings all = planted_taste();
    for (int fold = 0; fold < 2; fold++) {
        const Split parts =
            split_of(all, {.method = SplitMethod::last, .fraction = .25, .folds = 2, .fold = fold});
        expect_parts_of(all, parts, fold == 0);
        const Pairs train = pairs_of(parts.train), test = pairs_of(parts.test);
        for (const auto& [user, items] : latest_first(all)) {
            const std::int64_t size = std::ssize(items) / 4;
            for (std::int64_t k = 0; k < std::ssize(items); k++) {
                EXPECT_EQ(test.contains({user, items[k]}), k >= fold * size && k < (fold + 1) * size);
                EXPECT_EQ(train.contains({user, items[k]}), k >= (fold + 1) * size);
            }
        }
    }
}

TEST(Split, TimeTakesEverythingFromAMomentOn) {
    const Ratings all = planted_taste();
    const auto times = times_of(all);
    const Split given = split_of(all, {.method = SplitMethod::time, .moment = .7});
    expect_parts_of(all, given, true);
    for (const auto& [pair, rating] : pairs_of(given.test)) EXPECT_GE(times.at(pair), .7);
    for (const auto& [pair, rating] : pairs_of(given.train)) EXPECT_LT(times.at(pair), .7);

    const auto size = static_cast<std::size_t>(.2 * static_cast<double>(times.size()));
    double earliest_tested = 2;
    for (int fold = 0; fold < 3; fold++) {
        const Split parts =
            split_of(all, {.method = SplitMethod::time, .fraction = .2, .folds = 3, .fold = fold});
        expect_parts_of(all, parts, fold == 0);
        EXPECT_EQ(pairs_of(parts.test).size(), size);
        double earliest = 2;
        for (const auto& [pair, rating] : pairs_of(parts.test)) {
            EXPECT_LT(times.at(pair), earliest_tested);
            earliest = std::min(earliest, times.at(pair));
        }
        for (const auto& [pair, rating] : pairs_of(parts.train)) EXPECT_LT(times.at(pair), earliest);
        earliest_tested = earliest;
    }
}

TEST(Split, InfiniteTimesAreTheLatest) {
    Ratings all = planted_taste();
    for (std::size_t k = 0; k < all.times.size(); k += 10)
        all.times[k] = std::numeric_limits<double>::infinity();
    for (const SplitOptions& options : {SplitOptions{.method = SplitMethod::time, .fraction = .3},
                                        SplitOptions{.method = SplitMethod::time, .moment = .7}}) {
        const Split parts = split_of(all, options);
        expect_parts_of(all, parts, true);
        EXPECT_GE(parts.test.by_user.nonzeros(), std::ssize(all.times) / 10);
    }
}

TEST(Split, RefusesAnEmptyPart) {
    const Ratings all = planted_taste();
    for (const SplitOptions& options :
         {SplitOptions{.fraction = 1e-6}, SplitOptions{.fraction = 1 - 1e-6},
          SplitOptions{.method = SplitMethod::time, .moment = 5.0},
          SplitOptions{.method = SplitMethod::time, .moment = -5.0},
          SplitOptions{.method = SplitMethod::last, .fraction = .01},
          SplitOptions{.method = SplitMethod::leave_one_out, .folds = 60, .fold = 50},
          SplitOptions{.method = SplitMethod::time, .fraction = .3, .folds = 5, .fold = 4}})
        EXPECT_THROW(split_of(all, options), InvalidInput);
}

TEST(Split, DoesNotDependOnTheOrderOfRowsEvenWithEqualTimes) {
    const auto build = [](bool backwards) {
        MemoryBudget budget(std::size_t{1} << 30);
        RatingsBuilder builder(IdType::integer, IdType::text, true, budget);
        for (int k = 0; k < 400; k++) {
            const int row = backwards ? 399 - k : k;
            builder.add(Id::of(row / 20), Id::text(std::to_string(row % 20 * 31 % 37)), 1, row % 3);
        }
        QuietHost host;
        return builder.finish(OnDuplicate::mean, host, true);
    };
    for (const SplitMethod method : {SplitMethod::leave_one_out, SplitMethod::last, SplitMethod::time}) {
        const Split a = split_of(build(false), {.method = method, .fraction = .2});
        const Split b = split_of(build(true), {.method = method, .fraction = .2});
        EXPECT_EQ(a.test.by_user.columns, b.test.by_user.columns);
        EXPECT_EQ(a.test.by_user.start, b.test.by_user.start);
        EXPECT_EQ(a.train.by_user.columns, b.train.by_user.columns);
    }
}

TEST(Ratings, KeepTheLatestTimeOfMergedRows) {
    MemoryBudget budget(std::size_t{1} << 30);
    for (const OnDuplicate rule : {OnDuplicate::sum, OnDuplicate::mean, OnDuplicate::last}) {
        RatingsBuilder builder(IdType::integer, IdType::integer, true, budget);
        for (const auto& [item, time] : {std::pair(1, 5.), {2, 9.}, {1, 8.}, {1, 2.}})
            builder.add(Id::of(1), Id::of(item), 1, time);
        QuietHost host;
        EXPECT_EQ(builder.finish(rule, host, true).times, (BulkVector<double>{8, 9}));
    }
}

}  // namespace
}  // namespace personalize::core
