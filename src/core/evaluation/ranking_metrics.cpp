#include "core/evaluation/ranking_metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace personalize::core {

namespace {

std::span<const std::uint8_t> first_k(const RankedHits& list) {
    return list.hit.first(std::min(list.hit.size(), static_cast<std::size_t>(list.k)));
}

std::int64_t count_hits(const RankedHits& list) {
    std::int64_t hits = 0;
    for (const std::uint8_t hit : first_k(list)) hits += hit != 0;
    return hits;
}

std::int64_t ideal_hits(const RankedHits& list) { return std::min<std::int64_t>(list.k, list.relevant); }

double ratio(std::int64_t part, std::int64_t whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
}

double discount(std::int64_t rank) { return 1 / std::log2(static_cast<double>(rank + 1)); }

// Lists are short as a rule: what they need is computed once.
constexpr std::int64_t kTabled = 1024;
struct Discounts {
    std::array<double, kTabled + 1> at = {};   // at[r] = discount(r)
    std::array<double, kTabled + 1> sum = {};  // sum[n] = at[1] + ... + at[n]
    Discounts() {
        for (std::int64_t r = 1; r <= kTabled; r++) {
            at[r] = discount(r);
            sum[r] = sum[r - 1] + at[r];
        }
    }
};

const Discounts& discounts() {
    static const Discounts table;
    return table;
}

// Summed in the order in which ndcg() sums, so that an ideal list has exactly 1.
double ideal_dcg(std::int64_t hits) {
    double sum = discounts().sum[std::min(hits, kTabled)];
    for (std::int64_t rank = kTabled + 1; rank <= hits; rank++) sum += discount(rank);
    return sum;
}

}  // namespace

double precision(const RankedHits& list) noexcept { return ratio(count_hits(list), list.k); }

double recall(const RankedHits& list) noexcept { return ratio(count_hits(list), list.relevant); }

double recall_capped(const RankedHits& list) noexcept { return ratio(count_hits(list), ideal_hits(list)); }

double f1(const RankedHits& list) noexcept { return ratio(2 * count_hits(list), list.k + list.relevant); }

double ndcg(const RankedHits& list) noexcept {
    const Discounts& table = discounts();
    double dcg = 0;
    std::int64_t rank = 0;
    for (const std::uint8_t hit : first_k(list))
        if (rank++; hit != 0) dcg += rank <= kTabled ? table.at[rank] : discount(rank);
    return dcg == 0 ? 0 : dcg / ideal_dcg(ideal_hits(list));
}

double average_precision(const RankedHits& list) noexcept {
    double sum = 0;
    std::int64_t rank = 0, hits = 0;
    for (const std::uint8_t hit : first_k(list))
        if (rank++; hit != 0) sum += ratio(++hits, rank);
    return sum / static_cast<double>(ideal_hits(list));
}

double reciprocal_rank(const RankedHits& list) noexcept {
    std::int64_t rank = 0;
    for (const std::uint8_t hit : first_k(list))
        if (rank++; hit != 0) return ratio(1, rank);
    return 0;
}

double hit_rate(const RankedHits& list) noexcept { return reciprocal_rank(list) > 0 ? 1 : 0; }

}  // namespace personalize::core
