// Items in an order in which those that can score high come first, and how high the rest can score at most:
// what lets a scan stop early without missing anything.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "core/factorization/factors.hpp"

namespace personalize::core {

inline constexpr int kPanelItems = 32;
constexpr std::int64_t panels_of(std::int64_t items) { return (items + kPanelItems - 1) / kPanelItems; }

// Over the items of a panel and of all behind it, rounded up: the greatest length of a row of factors and the
// greatest bias.
struct PanelLimit {
    float length, bias;
};

// Which columns are no factors. Where the last column holds the same number in every item, as in models with
// biases (y_i, b_i, 1), it and the bias before it are left out of the length: one adds the same to every
// item, the other is bounded by itself, which is much tighter.
struct Columns {
    int factors = 0;     // how many of them are factors
    int bias = -1;       // -1: none
    float constant = 0;  // what the column behind the bias holds
    static Columns of(FactorsView items) noexcept;
};

struct ItemOrder {
    Columns columns;
    std::vector<std::int32_t> items;  // a permutation of all indexes
    std::vector<PanelLimit> limits;   // one for each panel

    // By length times `typical_length` (that of users, if there is a bias; else it does not matter) plus
    // bias, highest first; ties by index.
    ItemOrder(FactorsView all, const Columns& columns, float typical_length);
};

float rounded_up(double x) noexcept;
float length_of_row(const float* row, int width) noexcept;  // |row|, rounded up
// Of rows [first, first + count), a few of them; users' rows of any model.
float typical_length(FactorsView users, std::int64_t first, std::int64_t count) noexcept;

// Of one user: bounds on what ranking computes as scores, by the inequality of Cauchy and Schwarz. `kSlack`
// covers the rounding of kMaxRank + 2 products and sums, and of the bound itself: (1 + 2^-24)^2052 < 1 +
// kSlack.
class ScoreLimit {
  public:
    ScoreLimit() = default;
    ScoreLimit(const Columns& columns, const float* user, float offset) noexcept;

    // No item of the panel or behind it scores more. Not a number where nothing is known.
    float of(PanelLimit panel) const noexcept {
        return base_ + length_ * panel.length + weight_ * panel.bias;
    }
    float base() const noexcept {
        return base_;
    }  // what every item may score beside its factors and its bias
    // Whether these items cannot reach `threshold`.
    bool below(PanelLimit panel, float threshold) const noexcept { return of(panel) < threshold; }

    static constexpr float kSlack = 2e-4f;

  private:
    float base_ = 0, length_ = 0, weight_ = 0;
};

// `bound`, with room for the rounding of scores to which `magnitude` contributes.
float with_slack(float bound, float magnitude) noexcept;

}  // namespace personalize::core
