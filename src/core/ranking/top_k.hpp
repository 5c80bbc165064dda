// Scores of one user for many items, and the best k of them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/factorization/factors.hpp"
#include "core/ratings/seen_items.hpp"
#include "core/runtime/host.hpp"

namespace personalize::core {

struct Scored {
    std::int32_t index;
    float score;
};

// A set of item indexes, one bit each.
class ItemSet {
  public:
    // Empty, for indexes in [0, items).
    void reset(std::int64_t items) { words_.assign(static_cast<std::size_t>((items + 63) / 64), 0); }
    void insert(std::int32_t item) noexcept { words_[item >> 6] |= std::uint64_t{1} << (item & 63); }
    void erase(std::int32_t item) noexcept { words_[item >> 6] &= ~(std::uint64_t{1} << (item & 63)); }
    bool contains(std::int32_t item) const noexcept { return words_[item >> 6] >> (item & 63) & 1; }

  private:
    std::vector<std::uint64_t> words_;
};

// The k items of highest score = offset + user . item, best first; equal scores by ascending index; fewer
// where there are not k. `user` is a row of factors (padded); items in `excluded` (may be null) are left out.
void top_items(FactorsView items, const float* user, float offset, const ItemSet* excluded, int k,
               std::vector<Scored>& result);

// The same among `candidates` only: indexes in any order, repeats allowed.
void top_candidates(FactorsView items, const float* user, float offset, const ItemSet* excluded,
                    std::span<const std::int32_t> candidates, int k, std::vector<Scored>& result);

// offset + user . item of every item into scores[item], to the bit as ranking scores it.
void score_all(FactorsView items, const float* user, float offset, float* scores) noexcept;
// The same of one item.
float score(FactorsView items, const float* user, float offset, std::int32_t item) noexcept;

// For each of `users` in [first, first + count): its best k, without what it has seen. result[(u - first) * k
// + r], index -1 where there are fewer than k. The same items in the same order as top_items gives, for any
// number of threads; scores equal to the bit. Takes a copy of the items' factors, and for each thread 4 MB,
// or what the best of a dozen users take, and a bit for each of them and each item.
void top_items_for_all(FactorsView users, FactorsView items, float offset, const SeenItems& seen,
                       std::int64_t first, std::int64_t count, int k, int threads, Host& host,
                       std::vector<Scored>& result);

// The k rows of highest cosine with `query` over the first `rank` columns, without row `self` (-1: none).
// Rows of zeros have no direction and are left out.
void most_similar(FactorsView rows, int rank, const float* query, std::int32_t self, int k,
                  std::vector<Scored>& result);

}  // namespace personalize::core
