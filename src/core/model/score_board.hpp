// Scores of items that come in parts, for one user at a time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/ranking/top_k.hpp"

namespace personalize::core {

// Clearing it takes as long as the items that were touched, not as the catalogue.
class ScoreBoard {
  public:
    explicit ScoreBoard(std::int64_t items)
        : sums_(static_cast<std::size_t>(items)), weights_(static_cast<std::size_t>(items)) {
        is_touched_.reset(items);
    }

    // Adds value x weight to an item's sum, and |weight| to its weight.
    void add(std::int32_t item, float value, float weight) {
        if (!is_touched_.contains(item)) {
            is_touched_.insert(item);
            touched_.push_back(item);
        }
        sums_[item] += value * weight;
        weights_[item] += weight < 0 ? -weight : weight;
    }
    float sum(std::int32_t item) const noexcept { return sums_[item]; }
    float weight(std::int32_t item) const noexcept { return weights_[item]; }
    std::span<const std::int32_t> touched() const noexcept { return touched_; }

    void clear() noexcept {
        for (const std::int32_t item : touched_) {
            is_touched_.erase(item);
            sums_[item] = weights_[item] = 0;
        }
        touched_.clear();
    }

  private:
    std::vector<float> sums_, weights_;
    ItemSet is_touched_;
    std::vector<std::int32_t> touched_;
};

}  // namespace personalize::core
