// Metrics of one ranked list against the set of relevant items. An evaluation is their mean over users.
//
// Notation: h(r) is 1 if the item at rank r is a hit, else 0, and 0 past the end of the list; H is the sum of
// h(1), ..., h(k); R is the number of relevant items. Each metric lies in [0, 1] and is 1 for a list that
// begins with min(k, R) hits, except that precision and f1 need R >= k, and recall and f1 R <= k.
// Other programs define metrics of the same name differently; sources stand beside each.
#pragma once

#include <cstdint>
#include <span>

namespace personalize::core {

struct RankedHits {
    // hit[r]: whether the item at rank r + 1 is relevant and no repeat of an earlier one (0 or 1). The list
    // may be shorter than k, and longer: what follows is not looked at.
    std::span<const std::uint8_t> hit;
    std::int64_t relevant;  // R > 0, distinct items
    int k;                  // > 0
};

// H / k, however short the list is: an empty place is no hit.
double precision(const RankedHits& list) noexcept;

// H / R: of Wang et al., Neural Graph Collaborative Filtering (SIGIR 2019) and He et al., LightGCN (SIGIR
// 2020). Cannot reach 1 where R > k.
double recall(const RankedHits& list) noexcept;

// H / min(k, R): Recall@R of Liang et al., Variational Autoencoders for Collaborative Filtering (WWW 2018),
// and of the tables that follow it.
double recall_capped(const RankedHits& list) noexcept;

// The harmonic mean of precision and recall, 2 H / (k + R); 0 where both are 0.
double f1(const RankedHits& list) noexcept;

// DCG / ideal DCG, where DCG is the sum of h(r) / log2(r + 1) over r <= k and the ideal list has min(k, R)
// hits first: binary gains in Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques (TOIS
// 2002), with the discount and the cut of LightGCN's code.
double ndcg(const RankedHits& list) noexcept;

// The sum of h(r) precision(r) over r <= k, divided by min(k, R), with precision(r) the share of hits in the
// first r places; its mean over users is MAP@k.
double average_precision(const RankedHits& list) noexcept;

// 1 / rank of the first hit, or 0 if there is none in the first k places; its mean over users is MRR@k.
double reciprocal_rank(const RankedHits& list) noexcept;

// 1 if there is a hit in the first k places, else 0.
double hit_rate(const RankedHits& list) noexcept;

}  // namespace personalize::core
