// What lists are like beside being right: diverse, new, spread over the catalogue.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/model/model_image.hpp"
#include "core/ranking/top_k.hpp"

namespace personalize::core {

// Of one list; NaN where it is too short.
struct ListQuality {
    double
        diversity;   // 1 - mean cosine of the factors of two different items; items of no direction left out
    double novelty;  // mean of -log2(users who like the item / users), bits; nobody counts as one
};

class ListJudge {
  public:
    explicit ListJudge(const ModelParts& model);
    ListQuality judge(std::span<const Scored> list);

  private:
    const ModelParts& model_;
    std::vector<double> direction_;  // scratch: the sum of the list's unit vectors
};

// How often each item is recommended.
class Exposure {
  public:
    explicit Exposure(std::int64_t items) : count_(static_cast<std::size_t>(items)) {}
    void add(std::span<const Scored> list) noexcept {
        for (const Scored& item : list) count_[item.index]++;
    }
    double coverage() const noexcept;  // share of items that are recommended at all
    double gini() const;               // 0: all alike, towards 1: always the same; NaN where there is nothing

  private:
    std::vector<std::int64_t> count_;
};

}  // namespace personalize::core
