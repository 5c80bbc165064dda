#include "core/ranking/top_k.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>

#include "core/ranking/item_index.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

// Few distinct values, so that many scores are equal and every sum is exact.
Factors made_factors(std::int64_t rows, int width, std::uint64_t seed) {
    Factors factors(rows, width);
    for (std::int64_t r = 0; r < rows; r++) {
        Random random(seed, static_cast<std::uint64_t>(r));
        for (int k = 0; k < width; k++) factors.row(r)[k] = static_cast<float>(random.below(5)) - 2;
    }
    return factors;
}

std::vector<Scored> best_by_sorting(FactorsView items, const float* user, float offset,
                                    const std::set<int>& excluded, int k) {
    std::vector<Scored> all;
    for (int i = 0; i < items.rows; i++) {
        float score = offset;
        for (int j = 0; j < items.width; j++) score += user[j] * items.row(i)[j];
        if (!excluded.contains(i)) all.push_back({i, score});
    }
    std::sort(all.begin(), all.end(), [](const Scored& a, const Scored& b) {
        return a.score != b.score ? a.score > b.score : a.index < b.index;
    });
    all.resize(std::min(all.size(), static_cast<std::size_t>(std::max(k, 0))));
    return all;
}

void expect_same(const std::vector<Scored>& expected, const std::vector<Scored>& actual) {
    ASSERT_EQ(expected.size(), actual.size());
    for (std::size_t r = 0; r < expected.size(); r++) {
        EXPECT_EQ(expected[r].index, actual[r].index) << r;
        EXPECT_EQ(expected[r].score, actual[r].score) << r;
    }
}

TEST(TopItems, AsSortingAllScores) {
    for (const std::int64_t count : {0, 1, 15, 16, 17, 200, 1000}) {
        const Factors items = made_factors(count, 20, 1), user = made_factors(1, 20, 2);
        ItemSet excluded;
        excluded.reset(count);
        std::set<int> expected_excluded;
        for (int i = 0; i < count; i += 3) {
            excluded.insert(i);
            expected_excluded.insert(i);
        }
        for (const int k : {-1, 0, 1, 10, 100, 999, 5000}) {
            std::vector<Scored> result{{9, 9}};
            top_items(items.view(), user.row(0), .5f, nullptr, k, result);
            expect_same(best_by_sorting(items.view(), user.row(0), .5f, {}, k), result);
            top_items(items.view(), user.row(0), .5f, &excluded, k, result);
            expect_same(best_by_sorting(items.view(), user.row(0), .5f, expected_excluded, k), result);
        }
    }
}

TEST(TopItems, ScoresThatOverflow) {
    Factors items(40, 4), user(1, 4);
    for (int i = 0; i < 40; i++) items.row(i)[0] = i % 2 == 0 ? 3e38f : -3e38f;
    items.row(7)[1] = 3e38f;
    user.row(0)[0] = user.row(0)[1] = 3e38f;
    std::vector<Scored> result;
    top_items(items.view(), user.row(0), 0, nullptr, 30, result);
    ASSERT_GE(result.size(), 20u);
    for (int r = 0; r < 20; r++) {
        EXPECT_EQ(result[r].index, 2 * r);
        EXPECT_EQ(result[r].score, std::numeric_limits<float>::infinity());
    }
}

TEST(TopCandidates, AreAmongTheCandidatesOnly) {
    const Factors items = made_factors(300, 20, 1), user = made_factors(1, 20, 2);
    std::vector<std::int32_t> candidates{299, 3,  3,  17, 80, 80, 1,  250, 0,
                                         44,  45, 46, 47, 48, 49, 50, 51,  52};
    std::set<int> others;
    for (int i = 0; i < 300; i++)
        if (std::find(candidates.begin(), candidates.end(), i) == candidates.end()) others.insert(i);
    ItemSet excluded;
    excluded.reset(300);
    std::vector<Scored> result;
    for (const int k : {0, 1, 5, 100}) {
        top_candidates(items.view(), user.row(0), 0, &excluded, candidates, k, result);
        expect_same(best_by_sorting(items.view(), user.row(0), 0, others, k), result);
    }
    excluded.insert(17);
    others.insert(17);
    top_candidates(items.view(), user.row(0), 0, &excluded, candidates, 100, result);
    expect_same(best_by_sorting(items.view(), user.row(0), 0, others, 100), result);
    top_candidates(items.view(), user.row(0), 0, nullptr, {}, 5, result);
    EXPECT_TRUE(result.empty());
}

// Users, items and what was seen; of few values (ties), of any, or with biases as explicit models have them.
struct Side {
    std::string name;
    std::int64_t users, items;
    int width;
    bool few_values, biases;
    float offset;
};

class Bulk : public testing::TestWithParam<Side> {
  protected:
    Bulk() : users_(GetParam().users, GetParam().width), items_(GetParam().items, GetParam().width) {
        fill(users_, false);
        fill(items_, true);
        if (GetParam().biases) set_biases();
        for (std::int64_t u = 0; u < GetParam().users; u++) {
            for (int i = 0; i < GetParam().items; i++)
                if (random_.below(100) < static_cast<std::uint64_t>(u % 101)) seen_.push_back(i);
            list_.add_user(std::span(seen_).subspan(static_cast<std::size_t>(start_.back())));
            start_.push_back(std::ssize(seen_));
        }
    }

    // Lengths of rows differ as those of popular and of rare items do; some rows are zero.
    void fill(Factors& side, bool by_popularity) {
        for (std::int64_t r = 0; r < side.rows(); r++) {
            const double length = by_popularity ? 1 / (1. + static_cast<double>(random_.below(50))) : 1;
            for (int k = 0; k < GetParam().width && r % 17 != 3; k++)
                side.row(r)[k] = GetParam().few_values ? static_cast<float>(random_.below(3)) - 1
                                                       : static_cast<float>(length * random_.normal());
        }
    }

    void set_biases() {
        const int rank = GetParam().width - 2;
        for (std::int64_t u = 0; u < users_.rows(); u++) {
            users_.row(u)[rank] = u % 5 == 4 ? -1 : 1;
            users_.row(u)[rank + 1] = static_cast<float>(random_.normal());
        }
        for (std::int64_t i = 0; i < items_.rows(); i++) items_.row(i)[rank + 1] = 1;
    }

    std::vector<Scored> expected(std::int64_t user, int k) const {
        std::vector<Scored> all;
        const auto from = seen_.begin() + start_[user], to = seen_.begin() + start_[user + 1];
        for (std::int32_t i = 0; i < items_.rows(); i++)
            if (!std::binary_search(from, to, i))
                all.push_back({i, score(items_.view(), users_.row(user), GetParam().offset, i)});
        std::sort(all.begin(), all.end(), [](const Scored& a, const Scored& b) {
            return a.score != b.score ? a.score > b.score : a.index < b.index;
        });
        all.resize(static_cast<std::size_t>(k), {-1, 0});
        return all;
    }

    Random random_{7, 0};
    Factors users_, items_;
    std::vector<std::int64_t> start_{0};
    std::vector<std::int32_t> seen_;
    SeenItemsList list_;
};

TEST_P(Bulk, AsSortingTheScoresOfEachUser) {
    QuietHost host;
    std::vector<Scored> result;
    for (const int threads : {1, 2}) {
        for (const int k : {1, 10, 33, 100, static_cast<int>(GetParam().items)}) {
            top_items_for_all(users_.view(), items_.view(), GetParam().offset, list_.view(), 0,
                              GetParam().users, k, threads, host, result);
            ASSERT_EQ(std::ssize(result), GetParam().users * k);
            for (std::int64_t u = 0; u < GetParam().users; u++)
                expect_same(expected(u, k), {result.begin() + u * k, result.begin() + (u + 1) * k});
        }
    }
}

TEST_P(Bulk, OneUserAsSortingTheScores) {
    const ItemIndex index(items_.view(), 3);
    EXPECT_EQ(wrong_with_index(items_.view(), index.view()), nullptr);
    std::vector<Scored> result;
    for (std::int64_t u = 0; u < GetParam().users; u += 7) {
        ItemSet excluded;
        excluded.reset(GetParam().items);
        for (std::int64_t s = start_[u]; s < start_[u + 1]; s++) excluded.insert(seen_[s]);
        for (const int k : {1, 10, 100, static_cast<int>(GetParam().items)}) {
            top_items(items_.view(), users_.row(u), GetParam().offset, &excluded, k, result);
            result.resize(static_cast<std::size_t>(k), {-1, 0});
            expect_same(expected(u, k), result);
            top_items(items_.view(), index.view(), users_.row(u), GetParam().offset, &excluded, k, result);
            result.resize(static_cast<std::size_t>(k), {-1, 0});
            expect_same(expected(u, k), result);
        }
    }
}

TEST_P(Bulk, SumsAsSortingThem) {
    const ItemIndex index(items_.view(), 3);
    std::vector<float> added;
    for (std::int64_t i = 0; i < GetParam().items; i++)
        added.push_back(i % 3 == 0 ? 0 : static_cast<float>(random_.normal()));
    std::vector<Scored> result;
    for (std::int64_t u = 0; u < GetParam().users; u += 7) {
        ItemSet excluded;
        excluded.reset(GetParam().items);
        for (std::int64_t s = start_[u]; s < start_[u + 1]; s++) excluded.insert(seen_[s]);
        std::vector<Scored> all = expected(u, static_cast<int>(GetParam().items));
        std::erase_if(all, [](const Scored& item) { return item.index < 0; });
        for (Scored& item : all) item.score = added[item.index] + item.score;
        std::sort(all.begin(), all.end(), [](const Scored& a, const Scored& b) {
            return a.score != b.score ? a.score > b.score : a.index < b.index;
        });
        for (const int k : {1, 10, 100, static_cast<int>(GetParam().items)}) {
            top_sums(items_.view(), index.view(), users_.row(u), GetParam().offset, added.data(), &excluded,
                     k, result);
            expect_same({all.begin(), all.begin() + std::min<std::ptrdiff_t>(k, std::ssize(all))}, result);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Shapes, Bulk,
                         testing::Values(Side{"any", 500, 700, 24, false, false, 1.5f},
                                         Side{"ties", 300, 700, 8, true, false, 0},
                                         Side{"biases", 300, 700, 18, false, true, 3.6f},
                                         Side{"tied_biases", 100, 400, 6, true, true, 3},
                                         Side{"narrow", 13, 33, 1, false, false, 0},
                                         Side{"wide", 25, 100, 130, false, false, -2},
                                         Side{"one_item", 30, 1, 4, false, false, 0}),
                         [](const auto& info) { return info.param.name; });

TEST(ItemIndex, LargeAndTinyFactors) {
    Factors items(70, 5), users(3, 5);
    for (int i = 0; i < 70; i++)
        for (int k = 0; k < 5; k++)
            items.row(i)[k] = (i + k) % 3 == 0 ? 1e17f : i % 2 == 0 ? 1e-39f : -1e-20f;
    for (int k = 0; k < 5; k++) {
        users.row(0)[k] = 1e17f;
        users.row(1)[k] = 1e-40f;
        users.row(2)[k] = k % 2 == 0 ? -3e38f : 3e38f;
    }
    const ItemIndex index(items.view(), 1);
    EXPECT_EQ(wrong_with_index(items.view(), index.view()), nullptr);
    std::vector<Scored> plain, indexed;
    for (int u = 0; u < 3; u++) {
        for (const int k : {0, 5, 70}) {
            top_items(items.view(), users.row(u), 1, nullptr, k, plain);
            top_items(items.view(), index.view(), users.row(u), 1, nullptr, k, indexed);
            expect_same(plain, indexed);
        }
    }
}

TEST(ItemIndex, WhatIsWrongIsFound) {
    const Factors items = made_factors(100, 6, 1);
    const ItemIndex index(items.view(), 1);
    const auto wrong_after = [&](auto edit) {
        const ItemIndexView view = index.view();
        std::vector<std::int32_t> order(view.order.begin(), view.order.end());
        std::vector<PanelLimit> limits(view.limits.begin(), view.limits.end());
        std::vector<std::uint8_t> codes(view.codes.begin(), view.codes.end());
        std::vector<PanelBounds> bounds(view.bounds.begin(), view.bounds.end());
        edit(order, limits, codes, bounds);
        const char* wrong = wrong_with_index(items.view(), {view.columns, order, limits, codes, bounds});
        return std::string(wrong == nullptr ? "" : wrong);
    };
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    const std::string order = "order of items does not name each of them once";
    EXPECT_EQ(wrong_after([](auto&, auto&, auto&, auto&) {}), "");
    EXPECT_EQ(wrong_after([](auto& o, auto&, auto&, auto&) { o[3] = o[4]; }), order);
    EXPECT_EQ(wrong_after([](auto& o, auto&, auto&, auto&) { o[3] = 100; }), order);
    EXPECT_EQ(wrong_after([](auto& o, auto&, auto&, auto&) { o[3] = -1; }), order);
    const std::string limits = "limits of scores are not in order", low = "limits of scores are too low";
    EXPECT_EQ(wrong_after([](auto&, auto& l, auto&, auto&) { l[1].length = 1e30f; }), limits);
    EXPECT_EQ(wrong_after([](auto&, auto& l, auto&, auto&) { l[2].length = kNan; }), limits);
    EXPECT_EQ(wrong_after([](auto&, auto&, auto&, auto& b) { b[0].error[31] = kNan; }), limits);
    EXPECT_EQ(wrong_after([](auto&, auto& l, auto&, auto&) { l[3].length = 0; }), low);
    EXPECT_EQ(wrong_after([](auto&, auto&, auto&, auto& b) { b[1].error[7] = 0; }), low);
    EXPECT_EQ(wrong_after([](auto&, auto&, auto&, auto& b) { b[1].bias[7] = -1; }), low);
    EXPECT_EQ(wrong_after([](auto&, auto&, auto&, auto& b) { b[1].scale[7] *= 2; }), low);
    EXPECT_EQ(wrong_after([](auto&, auto&, auto& c, auto&) { c[0] ^= 64; }), low);
}

TEST(TopItemsForAll, ScoresThatOverflow) {
    Factors items(100, 4), users(2, 4);
    for (int i = 0; i < 100; i++) items.row(i)[0] = i % 2 == 0 ? 3e38f : 1;
    users.row(0)[0] = 3e38f;
    const std::int64_t start[] = {0, 0, 0};
    std::vector<Scored> result;
    QuietHost host;
    top_items_for_all(users.view(), items.view(), 0, SeenItems(start, {}), 0, 2, 60, 1, host, result);
    for (int r = 0; r < 60; r++) EXPECT_EQ(result[r].index, r < 50 ? 2 * r : 2 * (r - 50) + 1);
    for (int r = 0; r < 60; r++) EXPECT_EQ(result[60 + r].index, r);
}

class ForAll : public testing::Test {
  protected:
    static constexpr std::int64_t kUsers = 101, kItems = 333;

    ForAll() : users_(kUsers, 24), items_(kItems, 24) {
        Random random(4, 0);
        for (Factors* side : {&users_, &items_})
            for (std::int64_t r = 0; r < side->rows(); r++)
                for (int k = 0; k < 24; k++) side->row(r)[k] = static_cast<float>(random.normal());
        for (std::int64_t u = 0; u < kUsers; u++) {
            for (int i = 0; i < kItems; i++)
                if (random.below(100) < static_cast<std::uint64_t>(u)) seen_.push_back(i);
            list_.add_user(std::span(seen_).subspan(static_cast<std::size_t>(start_.back())));
            start_.push_back(std::ssize(seen_));
        }
    }

    std::vector<Scored> all(std::int64_t first, std::int64_t count, int k, int threads) {
        std::vector<Scored> result;
        QuietHost host;
        top_items_for_all(users_.view(), items_.view(), 1.5f, list_.view(), first, count, k, threads, host,
                          result);
        return result;
    }

    Factors users_, items_;
    std::vector<std::int64_t> start_{0};
    std::vector<std::int32_t> seen_;
    SeenItemsList list_;
};

TEST_F(ForAll, AsTopItemsOfEachUser) {
    for (const int threads : {1, 2, 3}) {
        for (const int k : {1, 10, 400}) {
            const std::int64_t first = 5, count = 90;
            const std::vector<Scored> result = all(first, count, k, threads);
            ASSERT_EQ(std::ssize(result), count * k);
            for (std::int64_t u = 0; u < count; u++) {
                ItemSet excluded;
                excluded.reset(kItems);
                for (std::int64_t s = start_[first + u]; s < start_[first + u + 1]; s++)
                    excluded.insert(seen_[s]);
                std::vector<Scored> expected;
                top_items(items_.view(), users_.row(first + u), 1.5f, &excluded, k, expected);
                expected.resize(static_cast<std::size_t>(k), {-1, 0});
                expect_same(expected, {result.begin() + u * k, result.begin() + (u + 1) * k});
            }
        }
    }
}

TEST_F(ForAll, NothingAskedFor) {
    EXPECT_TRUE(all(0, 0, 10, 2).empty());
    EXPECT_TRUE(all(0, 10, 0, 2).empty());
}

TEST(MostSimilar, IsTheHighestCosine) {
    Factors rows = made_factors(50, 12, 3);
    for (int k = 0; k < 12; k++) rows.row(20)[k] = 0;
    const float* const query = rows.row(4);
    std::vector<Scored> result;
    most_similar(rows.view(), 10, query, 4, 100, result);
    EXPECT_EQ(result.size(), 48u);
    for (std::size_t r = 0; r < result.size(); r++) {
        const float* const row = rows.row(result[r].index);
        double product = 0, square = 0, query_square = 0;
        for (int k = 0; k < 10; k++) {
            product += query[k] * row[k];
            square += row[k] * row[k];
            query_square += query[k] * query[k];
        }
        EXPECT_NEAR(result[r].score, product / std::sqrt(square * query_square), 1e-6);
        EXPECT_NE(result[r].index, 4);
        EXPECT_NE(result[r].index, 20);
        EXPECT_LE(result[r].score, result[r > 0 ? r - 1 : 0].score);
    }
    most_similar(rows.view(), 10, query, -1, 1, result);
    EXPECT_NEAR(result.at(0).score, 1, 1e-6);
    most_similar(rows.view(), 10, rows.row(20), -1, 5, result);
    EXPECT_TRUE(result.empty());
}

// In double precision, by definition.
float cosine(const float* a, const float* b, int width) {
    double product = 0, a_square = 0, b_square = 0;
    for (int k = 0; k < width; k++) {
        product += static_cast<double>(a[k]) * b[k];
        a_square += static_cast<double>(a[k]) * a[k];
        b_square += static_cast<double>(b[k]) * b[k];
    }
    return static_cast<float>(std::clamp(product / std::sqrt(a_square * b_square), -1.0, 1.0));
}

TEST(MostSimilar, AsSortingAllCosines) {
    for (const int rank : {1, 7, 16, 40}) {
        Factors rows(501, rank + 2);
        Random random(5, static_cast<std::uint64_t>(rank));
        for (int r = 0; r < 501; r++) {
            const double length = std::pow(10., r % 50 == 7 ? 19 : r % 50 == 8 ? -20 : r % 5 - 2);
            for (int k = 0; k < rank + 2; k++)
                rows.row(r)[k] = static_cast<float>(length * (random.normal() + 1));
        }
        std::copy_n(rows.row(10), rank + 2, rows.row(400));
        std::vector<Scored> expected, result;
        for (int r = 0; r < 501; r++)
            if (r != 10) expected.push_back({r, cosine(rows.row(10), rows.row(r), rank)});
        std::sort(expected.begin(), expected.end(), [](const Scored& a, const Scored& b) {
            return a.score != b.score ? a.score > b.score : a.index < b.index;
        });
        expected.resize(40);
        most_similar(rows.view(), rank, rows.row(10), 10, 40, result);
        ASSERT_EQ(result.size(), 40u);
        for (std::size_t r = 0; r < 40; r++) EXPECT_NEAR(result[r].score, expected[r].score, 1e-7) << r;
        EXPECT_FLOAT_EQ(result[0].score, 1);
    }
}

TEST(MostSimilar, HugeAndTinyRows) {
    Factors rows(3, 2);
    rows.row(0)[0] = 1e30f;
    rows.row(1)[0] = 1e-30f;
    rows.row(2)[1] = 1e30f;
    std::vector<Scored> result;
    most_similar(rows.view(), 2, rows.row(0), 0, 5, result);
    ASSERT_EQ(result.size(), 2u);
    EXPECT_EQ(result[0].index, 1);
    EXPECT_FLOAT_EQ(result[0].score, 1);
    EXPECT_FLOAT_EQ(result[1].score, 0);
}

}  // namespace
}  // namespace personalize::core
