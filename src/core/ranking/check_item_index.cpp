#include <algorithm>
#include <cmath>
#include <vector>

#include "core/ranking/item_index.hpp"

namespace personalize::core {

namespace {

// Room for an index that another machine has built, which rounded otherwise.
constexpr double kRounding = 1e-5;

bool is_permutation(std::span<const std::int32_t> order) {
    std::vector<bool> found(order.size());
    for (const std::int32_t item : order) {
        if (item < 0 || static_cast<std::size_t>(item) >= order.size() || found[item]) return false;
        found[item] = true;
    }
    return true;
}

bool finite(const PanelBounds& bounds) {
    bool all = true;
    for (const auto* values : {bounds.scale, bounds.error, bounds.bias})
        for (int l = 0; l < kPanelItems; l++) all &= std::isfinite(values[l]);
    return all;
}

bool at_least(double bound, double value) { return bound >= value - kRounding * std::abs(value); }

struct Item {
    const float* row;
    std::int64_t lane;
    const std::uint8_t* codes;  // of its panel
};

double distance_to_codes(const Item& item, float scale, int factors) {
    double square = 0;
    for (int k = 0; k < factors; k++) {
        const auto at =
            (static_cast<std::int64_t>(k / kCodesPerGroup) * kPanelItems + item.lane) * kCodesPerGroup +
            k % kCodesPerGroup;
        const double rest = item.row[k] - static_cast<double>(scale) * (item.codes[at] - kCodeOfZero);
        square += rest * rest;
    }
    return std::sqrt(square);
}

}  // namespace

const char* wrong_with_index(FactorsView items, const ItemIndexView& index) {
    if (!is_permutation(index.order)) return "order of items does not name each of them once";
    const int factors = index.columns.factors;
    for (std::int64_t place = 0; place < items.rows; place++) {
        const std::int64_t panel = place / kPanelItems;
        const Item item{items.row(index.order[place]), place % kPanelItems,
                        index.codes.data() + panel * panel_code_bytes(factors)};
        const PanelLimit& limit = index.limits[panel];
        const PanelBounds& bounds = index.bounds[panel];
        if (item.lane == 0) {
            const PanelLimit& before = index.limits[std::max<std::int64_t>(panel - 1, 0)];
            if (!(std::isfinite(limit.length) && std::isfinite(limit.bias) && finite(bounds)) ||
                limit.length > before.length || limit.bias > before.bias)
                return "limits of scores are not in order";
        }
        const double length = length_of_row(item.row, factors);
        const float bias = index.columns.bias < 0 ? 0 : item.row[index.columns.bias];
        const double error = distance_to_codes(item, bounds.scale[item.lane], factors);
        if (!at_least(limit.length, length) || !at_least(limit.bias, bias) ||
            !at_least(bounds.bias[item.lane], bias) ||
            !at_least(bounds.error[item.lane], error + ScoreLimit::kSlack * length))
            return "limits of scores are too low";
    }
    return nullptr;
}

}  // namespace personalize::core
