// Scores of items that come in parts, for one user at a time.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "core/ranking/best.hpp"
#include "core/ranking/top_k.hpp"
#include "core/ratings/sparse_matrix.hpp"
#include "core/runtime/multiply_add.hpp"

namespace personalize::core {

// A part is added by multiply_add(), as in sums for one item, so that both are the same bits.
//
// Where the parts are few beside the items, those that are touched are noted: to start anew and to rank then
// take as long as they are many, not as the catalogue is.
class ScoreBoard {
  public:
    // weighted: the sum of the absolute weights of each item is kept, too.
    ScoreBoard(std::int64_t items, bool weighted)
        : sums_(static_cast<std::size_t>(items)), weights_(weighted ? sums_.size() : 0) {
        is_touched_.reset(items);
    }

    // All sums are zero. `parts`: how many will be added.
    void start(std::int64_t parts) {
        if (notes_touched_) {
            for (const std::int32_t item : touched_) {
                is_touched_.erase(item);
                sums_[item] = 0;
                if (!weights_.empty()) weights_[item] = 0;
            }
            touched_.clear();
        } else {
            std::fill(sums_.begin(), sums_.end(), 0.f);
            std::fill(weights_.begin(), weights_.end(), 0.f);
        }
        notes_touched_ = parts < std::ssize(sums_) / kShareOfItems;
    }

    // Adds value x weight to the sum of each item of a list, and |weight| to its weight. Memory is asked for
    // the list that will be added `next`: lists are long, and each lies somewhere else.
    void add(SparseRow list, float value, SparseRow next = {}) {
        if (notes_touched_) note(list.columns);
        add_to(sums_.data(), list, value, next);
        if (weights_.empty()) return;
        float* const weights = weights_.data();
        for (std::size_t k = 0; k < list.size(); k++) weights[list.columns[k]] += std::fabs(list.values[k]);
    }

    // The same to sums that stand elsewhere.
    static void add_to(float* sums, SparseRow list, float value, SparseRow next) {
        const std::size_t fetched = std::min(next.size(), kMostFetched);
        std::size_t from = 0;
        for (; from < list.size(); from += kLine) {
            if (from < fetched) fetch(next, from);
            add_part(sums, list, value, from, std::min(list.size(), from + kLine));
        }
        for (; from < fetched; from += kLine) fetch(next, from);
    }

    // Adds value x weight to the sum of one item, and the weight, which is not negative, to its weight.
    void add(std::int32_t item, float value, float weight) {
        if (notes_touched_) note({&item, 1});
        sums_[item] = multiply_add(value, weight, sums_[item]);
        if (!weights_.empty()) weights_[item] += weight;
    }

    std::int64_t items() const noexcept { return std::ssize(sums_); }
    float sum(std::int32_t item) const noexcept { return sums_[item]; }
    float weight(std::int32_t item) const noexcept { return weights_[item]; }

    // Offers what has a sum above 0; calls excluded(item) for those that could be among the best only.
    template <class Excluded>
    void offer_positive(Best& best, Excluded excluded) const {
        if (notes_touched_) {
            for (const std::int32_t item : touched_)
                if (sums_[item] > 0 && !excluded(item)) best.offer(item, sums_[item]);
            return;
        }
        offer_all(
            best, [this](std::int64_t item) { return sums_[static_cast<std::size_t>(item)]; },
            [&](std::int32_t item) { return !(sums_[item] > 0) || excluded(item); });
    }

    // Offers every item with score(item), in blocks of which most have no score that is high enough.
    template <class Score, class Excluded>
    void offer_all(Best& best, Score score, Excluded excluded) const {
        for (std::int64_t first = 0; first < items(); first += kBlock) {
            const std::int64_t count = std::min(kBlock, items() - first);
            float scores[kBlock];
            for (std::int64_t k = 0; k < count; k++) scores[k] = score(first + k);
            if (!any_reaches(best.threshold(), scores, count)) continue;
            for (std::int64_t k = 0; k < count; k++) {
                const auto item = static_cast<std::int32_t>(first + k);
                if (scores[k] >= best.threshold() && !excluded(item)) best.offer(item, scores[k]);
            }
        }
    }

    // Calls visit(item, sum) for all with a sum other than 0, in no order.
    template <class Visit>
    void each(Visit visit) const {
        if (notes_touched_) {
            for (const std::int32_t item : touched_)
                if (sums_[item] != 0) visit(item, sums_[item]);
            return;
        }
        for (std::int64_t item = 0; item < items(); item++)
            if (sums_[static_cast<std::size_t>(item)] != 0)
                visit(static_cast<std::int32_t>(item), sums_[static_cast<std::size_t>(item)]);
    }

    static std::size_t memory(std::int64_t items) noexcept {
        return static_cast<std::size_t>(items) * (2 * sizeof(float) + sizeof(std::int32_t) + 1);
    }

  private:
    static constexpr std::int64_t kShareOfItems = 4, kBlock = 64;
    static constexpr std::size_t kLine = 16;           // entries of a list in a line of the cache
    static constexpr std::size_t kMostFetched = 1024;  // of a list, so that the sums stay in the cache

    static void fetch(SparseRow list, std::size_t from) {
        __builtin_prefetch(list.columns.data() + from);
        __builtin_prefetch(list.values.data() + from);
    }

    // Items of a list are distinct, which only we know: four sums are read before the first is written.
    static void add_part(float* sums, SparseRow list, float value, std::size_t from, std::size_t to) {
        const std::int32_t* const items = list.columns.data();
        const float* const weights = list.values.data();
        std::size_t k = from;
        for (; k + 4 <= to; k += 4) {
            float* const at[] = {sums + items[k], sums + items[k + 1], sums + items[k + 2],
                                 sums + items[k + 3]};
            const float sum[] = {
                multiply_add(value, weights[k], *at[0]), multiply_add(value, weights[k + 1], *at[1]),
                multiply_add(value, weights[k + 2], *at[2]), multiply_add(value, weights[k + 3], *at[3])};
            for (int n = 0; n < 4; n++) *at[n] = sum[n];
        }
        for (; k < to; k++) sums[items[k]] = multiply_add(value, weights[k], sums[items[k]]);
    }

    // Counted, not searched, so that the compiler takes many at a time.
    static bool any_reaches(float threshold, const float* scores, std::int64_t count) {
        int reach = 0;
        for (std::int64_t k = 0; k < count; k++) reach += scores[k] >= threshold ? 1 : 0;
        return reach > 0;
    }

    void note(std::span<const std::int32_t> items) {
        for (const std::int32_t item : items) {
            if (is_touched_.contains(item)) continue;
            is_touched_.insert(item);
            touched_.push_back(item);
        }
    }

    std::vector<float> sums_, weights_;
    bool notes_touched_ = true;
    ItemSet is_touched_;
    std::vector<std::int32_t> touched_;
};

}  // namespace personalize::core
