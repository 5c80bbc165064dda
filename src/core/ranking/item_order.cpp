#include "core/ranking/item_order.hpp"

#include <algorithm>
#include <limits>

namespace personalize::core {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
// What underflow can take from a sum of so many products.
constexpr float kTiny = std::numeric_limits<float>::min();

}  // namespace

float rounded_up(double x) noexcept { return std::nextafter(static_cast<float>(x), kInfinity); }

float with_slack(float bound, float magnitude) noexcept {
    return rounded_up(bound + static_cast<double>(ScoreLimit::kSlack) * std::abs(magnitude) + kTiny);
}

float typical_length(FactorsView users, std::int64_t first, std::int64_t count) noexcept {
    constexpr std::int64_t kSample = 256;
    const std::int64_t sampled = std::min(count, kSample);
    const int factors = std::max(1, users.width - 2);
    double sum = 0;
    for (std::int64_t s = 0; s < sampled; s++)
        sum += length_of_row(users.row(first + s * count / sampled), factors);
    return static_cast<float>(sum / static_cast<double>(std::max<std::int64_t>(1, sampled)));
}

Columns Columns::of(FactorsView items) noexcept {
    const Columns plain{items.width, -1, 0};
    if (items.width < 3 || items.rows == 0) return plain;
    const int last = items.width - 1;
    const float constant = items.row(0)[last];
    for (std::int64_t r = 1; r < items.rows; r++)
        if (items.row(r)[last] != constant) return plain;
    return {last - 1, last - 1, constant};
}

float length_of_row(const float* row, int width) noexcept {
    double square = 0;
    for (int k = 0; k < width; k++) square += static_cast<double>(row[k]) * row[k];
    return rounded_up(std::sqrt(square) * (1 + 1e-12));
}

ItemOrder::ItemOrder(FactorsView all, const Columns& which, float typical_length) : columns(which) {
    struct Entry {
        float key;
        std::int32_t item;
    };
    std::vector<Entry> entries(static_cast<std::size_t>(all.rows));
    std::vector<float> lengths(entries.size());
    for (std::int64_t i = 0; i < all.rows; i++) {
        const float* const row = all.row(i);
        lengths[i] = length_of_row(row, columns.factors);
        const float key = columns.bias < 0 ? lengths[i] : lengths[i] * typical_length + row[columns.bias];
        entries[i] = {key, static_cast<std::int32_t>(i)};
    }
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
        return a.key > b.key || (a.key == b.key && a.item < b.item);
    });
    items.resize(entries.size());
    limits.resize(static_cast<std::size_t>(panels_of(all.rows)));
    PanelLimit limit{0, columns.bias < 0 ? 0 : -kInfinity};
    for (std::int64_t place = all.rows - 1; place >= 0; place--) {
        const std::int32_t item = items[place] = entries[place].item;
        limit.length = std::max(limit.length, lengths[item]);
        if (columns.bias >= 0) limit.bias = std::max(limit.bias, all.row(item)[columns.bias]);
        limits[place / kPanelItems] = limit;
    }
    for (PanelLimit& each : limits) each.bias = with_slack(each.bias, each.bias);
}

ScoreLimit::ScoreLimit(const Columns& columns, const float* user, float offset) noexcept {
    const double same = columns.bias < 0 ? 0 : static_cast<double>(user[columns.bias + 1]) * columns.constant;
    base_ = rounded_up(offset + same + kSlack * (std::abs(offset) + std::abs(same)) + kTiny);
    length_ = rounded_up(length_of_row(user, columns.factors) * (1. + kSlack));
    weight_ = columns.bias < 0 ? 0 : user[columns.bias];
    // The greatest bias bounds nothing where a smaller one scores higher.
    if (weight_ < 0) base_ = kInfinity;
}

}  // namespace personalize::core
