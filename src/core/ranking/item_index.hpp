// What a model keeps so that one user's best items are found without reading all factors: the items in the
// order of item_order.hpp, and each item's factors in 8 bits with bounds on what that costs. Scores that the
// bounds cannot rule out are computed from the factors themselves, so the answer is that of the full scan, to
// the bit.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/factorization/factors.hpp"
#include "core/ranking/item_order.hpp"
#include "core/ranking/top_k.hpp"

namespace personalize::core {

// Of the items of a panel: y = scale (code - kCodeOfZero) but for a vector no longer than `error`, which has
// room for the rounding of scores; the bias is rounded up likewise. Zeros behind the last item.
struct PanelBounds {
    float scale[kPanelItems], error[kPanelItems], bias[kPanelItems];
};

inline constexpr int kCodeOfZero = 128, kCodesPerGroup = 4;
constexpr int code_groups(int factors) { return (factors + kCodesPerGroup - 1) / kCodesPerGroup; }
constexpr std::int64_t panel_code_bytes(int factors) {
    return static_cast<std::int64_t>(code_groups(factors)) * kPanelItems * kCodesPerGroup;
}

struct ItemIndexView {
    Columns columns;
    std::span<const std::int32_t> order;  // all items
    std::span<const PanelLimit> limits;
    std::span<const std::uint8_t> codes;  // [panel][group][item][kCodesPerGroup]
    std::span<const PanelBounds> bounds;
};

// Memory to build an index in.
struct ItemIndexSpace {
    std::span<std::int32_t> order;
    std::span<PanelLimit> limits;
    std::span<std::uint8_t> codes;
    std::span<PanelBounds> bounds;
};

// `typical_length` as ItemOrder has it. Takes 16 bytes for each item meanwhile.
void build_item_index(FactorsView items, const Columns& columns, float typical_length, ItemIndexSpace space);

class ItemIndex {
  public:
    ItemIndex(FactorsView items, float typical_length)
        : columns_(Columns::of(items)),
          order_(static_cast<std::size_t>(items.rows)),
          limits_(static_cast<std::size_t>(panels_of(items.rows))),
          codes_(limits_.size() * static_cast<std::size_t>(panel_code_bytes(columns_.factors))),
          bounds_(limits_.size()) {
        build_item_index(items, columns_, typical_length, {order_, limits_, codes_, bounds_});
    }
    ItemIndexView view() const noexcept { return {columns_, order_, limits_, codes_, bounds_}; }

  private:
    Columns columns_;
    std::vector<std::int32_t> order_;
    std::vector<PanelLimit> limits_;
    std::vector<std::uint8_t> codes_;
    std::vector<PanelBounds> bounds_;
};

// Whether `index` leads to right answers: says what is wrong with it, or null.
const char* wrong_with_index(FactorsView items, const ItemIndexView& index);

// top_items() by an index of the same items.
void top_items(FactorsView items, const ItemIndexView& index, const float* user, float offset,
               const ItemSet* excluded, int k, std::vector<Scored>& result);
// The same by score + added[item]. Reads all codes.
void top_sums(FactorsView items, const ItemIndexView& index, const float* user, float offset,
              const float* added, const ItemSet* excluded, int k, std::vector<Scored>& result);

}  // namespace personalize::core
