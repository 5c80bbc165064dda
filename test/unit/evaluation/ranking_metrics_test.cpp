#include "core/evaluation/ranking_metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

// The definitions once more, from item numbers and sets.
struct Naive {
    std::vector<int> list;  // cut at k, distinct
    std::set<int> relevant;
    int k;

    bool hit(std::size_t rank) const { return rank <= list.size() && relevant.count(list[rank - 1]) > 0; }
    double hits(int places) const {
        double count = 0;
        for (int rank = 1; rank <= places; rank++) count += hit(static_cast<std::size_t>(rank));
        return count;
    }
    double size() const { return static_cast<double>(relevant.size()); }
    double ideal() const { return std::min<double>(k, size()); }
    double precision() const { return hits(k) / k; }
    double recall() const { return hits(k) / size(); }
    double f1() const {
        const double p = precision(), r = recall();
        return p + r > 0 ? 2 * p * r / (p + r) : 0;
    }
    double ndcg() const {
        double dcg = 0, best = 0;
        for (int rank = 1; rank <= k; rank++) {
            dcg += hit(static_cast<std::size_t>(rank)) / std::log2(rank + 1);
            best += (rank <= size()) / std::log2(rank + 1);
        }
        return dcg / best;
    }
    double average_precision() const {
        double sum = 0;
        for (int rank = 1; rank <= k; rank++)
            if (hit(static_cast<std::size_t>(rank))) sum += hits(rank) / rank;
        return sum / ideal();
    }
    double reciprocal_rank() const {
        for (int rank = 1; rank <= k; rank++)
            if (hit(static_cast<std::size_t>(rank))) return 1.0 / rank;
        return 0;
    }
};

void expect_agreement(const Naive& naive) {
    std::vector<std::uint8_t> hit;
    for (const int item : naive.list) hit.push_back(naive.relevant.count(item) > 0);
    const RankedHits list{hit, static_cast<std::int64_t>(naive.relevant.size()), naive.k};
    EXPECT_NEAR(precision(list), naive.precision(), 1e-14);
    EXPECT_NEAR(recall(list), naive.recall(), 1e-14);
    EXPECT_NEAR(recall_capped(list), naive.hits(naive.k) / naive.ideal(), 1e-14);
    EXPECT_NEAR(f1(list), naive.f1(), 1e-14);
    EXPECT_NEAR(ndcg(list), naive.ndcg(), 1e-12);
    EXPECT_NEAR(average_precision(list), naive.average_precision(), 1e-12);
    EXPECT_NEAR(reciprocal_rank(list), naive.reciprocal_rank(), 1e-14);
    EXPECT_EQ(hit_rate(list), naive.hits(naive.k) > 0 ? 1 : 0);
}

// Random lists of items 0, ..., items - 1.
Naive made_list(Random& random, std::uint64_t items, int k) {
    Naive naive{{}, {}, k};
    std::set<int> listed;
    for (auto n = random.below(items + 1); n > 0; n--)
        if (const auto item = static_cast<int>(random.below(items)); listed.insert(item).second)
            naive.list.push_back(item);
    for (auto n = 1 + random.below(items); n > 0; n--)
        naive.relevant.insert(static_cast<int>(random.below(items)));
    return naive;
}

TEST(RankingMetrics, AgreeWithTheDefinitions) {
    Random random(1, 0);
    for (int round = 0; round < 2000; round++)
        expect_agreement(made_list(random, 1 + random.below(40), 1 + static_cast<int>(random.below(30))));
}

TEST(RankingMetrics, AgreeWithTheDefinitionsForLongLists) {
    Random random(2, 0);
    for (const int k : {1000, 1023, 1024, 1025, 1026, 3000}) expect_agreement(made_list(random, 4000, k));
}

// By hand: hits at ranks 1, 3 and 6, of 4 relevant items, cut at 5.
TEST(RankingMetrics, WorkedExample) {
    const std::vector<std::uint8_t> hit{1, 0, 1, 0, 0, 1};
    const RankedHits list{hit, 4, 5};
    EXPECT_DOUBLE_EQ(precision(list), 2 / 5.0);
    EXPECT_DOUBLE_EQ(recall(list), 2 / 4.0);
    EXPECT_DOUBLE_EQ(recall_capped(list), 2 / 4.0);
    EXPECT_DOUBLE_EQ(f1(list), 4 / 9.0);
    // (1 + 1/2) / (1 + .6309297536 + 1/2 + .4306765581)
    EXPECT_NEAR(ndcg(list), .5855700749, 1e-10);
    EXPECT_DOUBLE_EQ(average_precision(list), (1 + 2 / 3.0) / 4);
    EXPECT_DOUBLE_EQ(reciprocal_rank(list), 1);
    EXPECT_EQ(hit_rate(list), 1);
}

// By hand: more relevant items than places.
TEST(RankingMetrics, MoreRelevantThanPlaces) {
    const std::vector<std::uint8_t> hit{0, 1};
    const RankedHits list{hit, 10, 2};
    EXPECT_DOUBLE_EQ(precision(list), .5);
    EXPECT_DOUBLE_EQ(recall(list), .1);
    EXPECT_DOUBLE_EQ(recall_capped(list), .5);
    EXPECT_DOUBLE_EQ(f1(list), 1 / 6.0);
    EXPECT_NEAR(ndcg(list), .6309297536 / 1.6309297536, 1e-10);
    EXPECT_DOUBLE_EQ(average_precision(list), .25);
    EXPECT_DOUBLE_EQ(reciprocal_rank(list), .5);
}

TEST(RankingMetrics, ShortListsCountEmptyPlaces) {
    const std::vector<std::uint8_t> hit{1};
    const RankedHits list{hit, 1, 10};
    EXPECT_DOUBLE_EQ(precision(list), .1);
    for (const auto metric : {recall, recall_capped, ndcg, average_precision, reciprocal_rank, hit_rate})
        EXPECT_DOUBLE_EQ(metric(list), 1);
}

constexpr auto kAll = {precision,         recall,   recall_capped,  f1, ndcg,
                       average_precision, hit_rate, reciprocal_rank};

TEST(RankingMetrics, NoHitIsZero) {
    const std::vector<std::uint8_t> hit{0, 0, 0, 1};
    for (const auto metric : kAll) {
        EXPECT_EQ(metric({{}, 3, 10}), 0);
        EXPECT_EQ(metric({hit, 3, 3}), 0);
        EXPECT_EQ(metric({{}, INT64_C(1) << 40, 2147483647}), 0);
    }
}

TEST(RankingMetrics, AnIdealListIsExactlyOne) {
    const std::vector<std::uint8_t> hit(5000, 1);
    for (const int n : {1, 2, 3, 10, 1000, 1024, 1025, 5000})
        for (const auto metric : kAll) EXPECT_EQ(metric({hit, n, n}), 1) << n;
    for (const auto metric : {recall_capped, ndcg, average_precision, precision})
        EXPECT_EQ(metric({hit, 1000000, 2000}), 1);
}

// Far past any table, against long double.
TEST(RankingMetrics, IdealGainOfLargeCuts) {
    const std::vector<std::uint8_t> hit{1};
    for (const int n : {100000, 3000000}) {
        long double ideal = 0;
        for (int rank = n; rank >= 1; rank--) ideal += 1 / std::log2(static_cast<long double>(rank) + 1);
        EXPECT_NEAR(ndcg({hit, n, 2147483647}) * static_cast<double>(ideal), 1, 1e-11) << n;
        EXPECT_NEAR(ndcg({hit, INT64_C(1) << 40, n}) * static_cast<double>(ideal), 1, 1e-11) << n;
    }
}

}  // namespace
}  // namespace personalize::core
