#include "core/evaluation/last_touch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "core/ratings/id_hash.hpp"
#include "core/runtime/error.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

constexpr std::int64_t kNow = 1000, kWithin = 10;

LastTouch one_version() { return LastTouch(1, 1, 0, kNow); }

// Conversions of one version when impressions (windows of 10) and events happen at these times.
double converted(const std::vector<std::int64_t>& impressions, const std::vector<std::int64_t>& events) {
    std::vector<std::tuple<std::int64_t, bool>> rows;
    for (const auto time : impressions) rows.emplace_back(time, true);
    for (const auto time : events) rows.emplace_back(time, false);
    std::sort(rows.begin(), rows.end());
    LastTouch touches = one_version();
    touches.pair("u", "i");
    for (const auto& [time, shown] : rows)
        if (shown)
            touches.impression(0, time, time + kWithin);
        else
            touches.event(0, time);
    touches.finish();
    return touches.sums(0, 0).c;
}

TEST(LastTouch, TheWindowIsOpenAtItsStartAndClosedAtItsEnd) {
    EXPECT_EQ(converted({100}, {}), 0);
    EXPECT_EQ(converted({100}, {99}), 0);
    EXPECT_EQ(converted({100}, {100}), 0);
    EXPECT_EQ(converted({100}, {101}), 1);
    EXPECT_EQ(converted({100}, {110}), 1);
    EXPECT_EQ(converted({100}, {111}), 0);
    EXPECT_EQ(converted({}, {101}), 0);
}

TEST(LastTouch, AnEventCountsOnceForTheLastImpression) {
    EXPECT_EQ(converted({100}, {101, 102, 103}), 1);
    EXPECT_EQ(converted({100, 105}, {106}), 1);
    EXPECT_EQ(converted({100, 105}, {105}), 1) << "of the first: the second was not before it";
    EXPECT_EQ(converted({100, 105}, {103, 106}), 2);
    EXPECT_EQ(converted({100, 105, 105}, {106}), 1);
    EXPECT_EQ(converted({100, 105}, {115}), 1);
    EXPECT_EQ(converted({100, 120}, {111}), 0);
}

TEST(LastTouch, UsersAndItemsAreApart) {
    LastTouch touches = one_version();
    touches.pair("a", "x");
    touches.impression(0, 100, 110);
    touches.pair("a", "y");
    touches.event(0, 105);
    touches.pair("b", "y");
    touches.event(0, 105);
    touches.impression(0, 106, 116);
    touches.finish();
    const RatioSums sums = touches.sums(0, 0);
    EXPECT_EQ(sums.users, 2);
    EXPECT_EQ(sums.n, 2);
    EXPECT_EQ(sums.c, 0);
}

TEST(LastTouch, NothingAtAll) {
    LastTouch touches = one_version();
    touches.finish();
    EXPECT_EQ(touches.sums(0, 0).n, 0);
    EXPECT_EQ(touches.pending(0), 0);
}

TEST(LastTouch, WhatIsPendingIsATouchAndDoesNotCount) {
    LastTouch touches = one_version();
    touches.pair("a", "x");
    touches.impression(0, 985, 995);
    touches.impression(0, 991, 1001);
    touches.event(0, 993);
    touches.pair("a", "y");
    touches.impression(0, 990, 1000);
    touches.event(0, 1000);
    touches.finish();
    EXPECT_EQ(touches.pending(0), 1);
    EXPECT_EQ(touches.sums(0, 0).n, 2);
    EXPECT_EQ(touches.sums(0, 0).c, 1) << "closed at just this time";
}

TEST(LastTouch, AtOneTimeNoVersionIsFavoured) {
    LastTouch touches(2, 1, 0, kNow), reversed(2, 1, 0, kNow);
    constexpr int kItems = 10000;
    for (int item = 0; item < kItems; item++) {
        touches.pair("u", std::to_string(item));
        reversed.pair("u", std::to_string(item));
        for (const int version : {0, 1}) {
            touches.impression(version, 100, 110);
            reversed.impression(1 - version, 100, 110);
        }
        touches.event(0, 105);
        reversed.event(0, 105);
    }
    touches.finish();
    reversed.finish();
    EXPECT_EQ(touches.sums(0, 0).c + touches.sums(0, 1).c, kItems);
    EXPECT_NEAR(touches.sums(0, 0).c, kItems / 2, 200);  // 4 standard deviations
    EXPECT_EQ(touches.sums(0, 0).c, reversed.sums(0, 0).c) << "the order of rows does not matter";
}

TEST(LastTouch, MemoryIsClaimed) {
    MemoryBudget budget(1 << 20);
    EXPECT_THROW(LastTouch(1000, 1000, 0, kNow, &budget), MemoryLimitExceeded);
    EXPECT_EQ(budget.used(), 0u);
    { LastTouch touches(10, 10, 0, kNow, &budget); }
    EXPECT_EQ(budget.used(), 0u);
}

struct Row {
    int user, item;
    std::int64_t time;
    bool shown;
    int what;  // version or kind
};

bool comes_first(const Row& a, const Row& b) {
    return std::tuple(std::to_string(a.user), std::to_string(a.item), a.time, a.shown) <
           std::tuple(std::to_string(b.user), std::to_string(b.item), b.time, b.shown);
}

std::vector<Row> made_rows() {
    Random random(7, 0);
    std::vector<Row> rows;
    std::set<std::tuple<int, int, std::int64_t>> taken;  // one impression at a time: ties have their own test
    for (int k = 0; k < 4000; k++) {
        Row row = {static_cast<int>(random.below(20)), static_cast<int>(random.below(5)),
                   static_cast<std::int64_t>(900 + random.below(110)), random.below(2) == 0, 0};
        row.what = static_cast<int>(random.below(row.shown ? 3 : 2));
        if (row.shown && !taken.emplace(row.user, row.item, row.time).second) continue;
        rows.push_back(row);
    }
    std::sort(rows.begin(), rows.end(), comes_first);
    return rows;
}

// By definition, each impression and event against all others.
bool is_converted(const std::vector<Row>& rows, const Row& shown, int kind) {
    const auto same = [&](const Row& other) { return other.user == shown.user && other.item == shown.item; };
    return std::any_of(rows.begin(), rows.end(), [&](const Row& event) {
        if (event.shown || !same(event) || event.what != kind) return false;
        if (event.time <= shown.time || event.time > shown.time + kWithin) return false;
        return std::none_of(rows.begin(), rows.end(), [&](const Row& later) {
            return later.shown && same(later) && later.time > shown.time && later.time < event.time;
        });
    });
}

struct OfUser {
    double n[3] = {}, c[3] = {};
};

std::map<int, OfUser> by_definition(const std::vector<Row>& rows, int kind) {
    std::map<int, OfUser> users;
    for (const Row& row : rows) {
        if (!row.shown || row.time + kWithin > kNow) continue;
        users[row.user].n[row.what]++;
        users[row.user].c[row.what] += is_converted(rows, row, kind);
    }
    return users;
}

TEST(LastTouch, SumsAreThoseOfTheDefinition) {
    constexpr int kReference = 1;
    const auto rows = made_rows();
    LastTouch touches(3, 2, kReference, kNow);
    for (const Row& row : rows) {
        touches.pair(std::to_string(row.user), std::to_string(row.item));
        if (row.shown)
            touches.impression(row.what, row.time, row.time + kWithin);
        else
            touches.event(row.what, row.time);
    }
    touches.finish();
    for (const int kind : {0, 1}) {
        const auto users = by_definition(rows, kind);
        for (const int version : {0, 1, 2}) {
            RatioSums sums;
            CrossSums cross;
            for (const auto& [user, of] : users) {
                const double n = of.n[version], c = of.c[version];
                const double n0 = of.n[kReference], c0 = of.c[kReference];
                sums.users += n > 0;
                sums.n += n, sums.c += c, sums.nn += n * n, sums.nc += n * c, sums.cc += c * c;
                cross.nn += n0 * n, cross.nc += n0 * c, cross.cn += c0 * n, cross.cc += c0 * c;
            }
            const RatioSums seen = touches.sums(kind, version);
            const CrossSums seen_cross = touches.with_reference(kind, version);
            EXPECT_GT(sums.c, 100);
            EXPECT_EQ(std::tuple(seen.users, seen.n, seen.c, seen.nn, seen.nc, seen.cc),
                      std::tuple(sums.users, sums.n, sums.c, sums.nn, sums.nc, sums.cc));
            EXPECT_EQ(std::tuple(seen_cross.nn, seen_cross.nc, seen_cross.cn, seen_cross.cc),
                      std::tuple(cross.nn, cross.nc, cross.cn, cross.cc));
        }
    }
}

}  // namespace
}  // namespace personalize::core
