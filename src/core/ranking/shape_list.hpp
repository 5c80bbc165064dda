// What an application wants of a list besides the best scores: some items favoured, not all items alike.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/ranking/top_k.hpp"
#include "core/runtime/host.hpp"

namespace personalize::core {

struct Boost {
    std::int32_t item;
    float weight;  // > 0
};

// A score that a weight above 1 raises and one below 1 lowers, whatever its sign: score x weight where it is
// positive, score / weight where it is negative.
float boosted(float score, float weight) noexcept;

// Multiplies scores by the weights of their items; the best first again, and no more than n. Items of score 0
// are in lists because they are popular: these are ordered by popularity x weight. `boosts` are by item,
// ascending; popularity is of all items.
void boost_list(std::vector<Scored>& list, std::span<const Boost> boosts, std::span<const float> popularity,
                int n);

// How alike two items are, in [-1, 1].
using ItemSimilarity = std::function<double(std::int32_t, std::int32_t)>;

// Maximal marginal relevance (Carbonell and Goldstein 1998): item after item the one with the greatest
// (1 - diversity) r - diversity s, where r is its score brought to [0, 1] over the list, and s its greatest
// similarity to one that is chosen before. `list` is best first; the n chosen ones remain, in the order of
// their choice, with their scores. diversity in [0, 1]; of equal ones the first is taken. O(n size(list)).
// Throws what host.poll() throws.
void diversify(std::vector<Scored>& list, double diversity, int n, const ItemSimilarity& similarity,
               Host& host);

// How many of the best items diversify() should be given.
int diversity_pool(int n) noexcept;

}  // namespace personalize::core
