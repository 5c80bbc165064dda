#include "core/ranking/top_k.hpp"

#include <algorithm>

#include "core/ranking/best.hpp"
#include "core/ranking/dot_products.hpp"

namespace personalize::core {

namespace {

// What the scan will read when it is this many vectors of items further.
constexpr int kPrefetchVectors = 4;

// Offers the items [first, first + kLanes) to `best`, but for those that `excluded` names.
template <class Excluded>
PERSONALIZE_INLINE void offer_items(FactorsView items, std::int64_t first, const float* user, float offset,
                                    Best& best, Excluded&& excluded) {
    const int count = static_cast<int>(std::min<std::int64_t>(kLanes, items.rows - first));
    const float* rows[kLanes];
    PERSONALIZE_UNROLL
    for (int r = 0; r < kLanes; r++) rows[r] = items.row(first + std::min(r, count - 1));
    const Lanes scores = score_of_rows(rows, user, items.width, offset);
    if (!any_at_least(scores, best.threshold())) return;
    alignas(64) float score[kLanes];
    store(score, scores);
    for (int r = 0; r < count; r++) {
        const auto item = static_cast<std::int32_t>(first + r);
        if (score[r] >= best.threshold() && !excluded(item)) best.offer(item, score[r]);
    }
}

void prefetch_items(FactorsView items, std::int64_t first) {
    const float* p = items.row(std::min(first, items.rows));
    const float* const end = items.row(std::min(first + kLanes, items.rows));
    for (; p < end; p += kRowAlignment) __builtin_prefetch(p);
}

void append(std::span<const Scored> best, std::vector<Scored>& result) {
    result.assign(best.begin(), best.end());
}

}  // namespace

void top_items(FactorsView items, const float* user, float offset, const ItemSet* excluded, int k,
               std::vector<Scored>& result) {
    Best best;
    best.reset(k, items.rows);
    for (std::int64_t first = 0; first < items.rows; first += kLanes) {
        prefetch_items(items, first + kPrefetchVectors * kLanes);
        offer_items(items, first, user, offset, best,
                    [&](std::int32_t item) { return excluded != nullptr && excluded->contains(item); });
    }
    append(best.finish(), result);
}

void score_all(FactorsView items, const float* user, float offset, float* scores) noexcept {
    for (std::int64_t first = 0; first < items.rows; first += kLanes) {
        const std::int64_t count = std::min<std::int64_t>(kLanes, items.rows - first);
        const float* rows[kLanes];
        PERSONALIZE_UNROLL
        for (int r = 0; r < kLanes; r++) rows[r] = items.row(first + std::min<std::int64_t>(r, count - 1));
        alignas(64) float some[kLanes];
        store(some, score_of_rows(rows, user, items.width, offset));
        std::copy_n(some, count, scores + first);
    }
}

float score(FactorsView items, const float* user, float offset, std::int32_t item) noexcept {
    return score_of_row(items.row(item), user, items.width, offset);
}

void top_candidates(FactorsView items, const float* user, float offset, const ItemSet* excluded,
                    std::span<const std::int32_t> candidates, int k, std::vector<Scored>& result) {
    std::vector<std::int32_t> distinct(candidates.begin(), candidates.end());
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    if (excluded != nullptr)
        std::erase_if(distinct, [&](std::int32_t item) { return excluded->contains(item); });
    Best best;
    best.reset(k, std::ssize(distinct));
    for (std::size_t first = 0; first < distinct.size(); first += kLanes) {
        const std::size_t count = std::min<std::size_t>(kLanes, distinct.size() - first);
        const float* rows[kLanes];
        for (std::size_t r = 0; r < kLanes; r++)
            rows[r] = items.row(distinct[first + std::min(r, count - 1)]);
        alignas(64) float scores[kLanes];
        store(scores, score_of_rows(rows, user, items.width, offset));
        for (std::size_t r = 0; r < count; r++) best.offer(distinct[first + r], scores[r]);
    }
    append(best.finish(), result);
}

}  // namespace personalize::core
