// The best k of a stream of scored items.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/ranking/top_k.hpp"

namespace personalize::core {

inline bool better(const Scored& a, const Scored& b) {
    return a.score > b.score || (a.score == b.score && a.index < b.index);
}

// Few are kept sorted, so that the threshold is always that of the k-th. Many are gathered in a buffer that
// is cut back to the k best whenever it is full. Items may come in any order.
class Best {
  public:
    // Of a stream of at most `most` items.
    void reset(int k, std::int64_t most) {
        k_ = static_cast<std::size_t>(std::clamp<std::int64_t>(k, 0, most));
        sorted_ = k_ <= kMostSorted;
        kept_.clear();
        kept_.reserve(sorted_ ? k_ : std::min(room(k_), static_cast<std::size_t>(most)));
        threshold_ =
            k_ > 0 ? -std::numeric_limits<float>::infinity() : std::numeric_limits<float>::infinity();
    }

    // No item with a lower score is among the best.
    float threshold() const noexcept { return threshold_; }

    void offer(std::int32_t index, float score) {
        if (!(score >= threshold_) || k_ == 0) return;
        if (sorted_) return insert({index, score});
        kept_.push_back({index, score});
        if (kept_.size() == room(k_)) cut();
    }

    std::span<const Scored> finish() {
        if (sorted_) return kept_;
        if (kept_.size() > k_) cut();
        std::sort(kept_.begin(), kept_.end(), better);
        return kept_;
    }

    // Bytes that the best k take at most.
    static constexpr std::size_t memory(std::size_t k) {
        return (k <= kMostSorted ? k : room(k)) * sizeof(Scored);
    }

  private:
    static constexpr std::size_t kMostSorted = 32;
    static constexpr std::size_t room(std::size_t k) { return 2 * k; }

    void insert(Scored item) {
        if (kept_.size() < k_)
            kept_.push_back(item);
        else if (!better(item, kept_.back()))
            return;
        std::size_t place = kept_.size() - 1;
        for (; place > 0 && better(item, kept_[place - 1]); place--) kept_[place] = kept_[place - 1];
        kept_[place] = item;
        if (kept_.size() == k_) threshold_ = kept_.back().score;
    }

    void cut() {
        const auto last = kept_.begin() + static_cast<std::ptrdiff_t>(k_) - 1;
        std::nth_element(kept_.begin(), last, kept_.end(), better);
        threshold_ = last->score;
        kept_.resize(k_);
    }

    std::size_t k_ = 0;
    bool sorted_ = true;
    float threshold_ = std::numeric_limits<float>::infinity();
    std::vector<Scored> kept_;
};

}  // namespace personalize::core
