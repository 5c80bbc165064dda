#include "core/ranking/item_index.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/ranking/best.hpp"
#include "core/ranking/byte_products.hpp"
#include "core/ranking/dot_products.hpp"

namespace personalize::core {

namespace {

constexpr int kGreatestCode = 127;

// x = scale codes but for a vector of length `error`. Returns that, rounded up.
struct Quantized {
    float scale, error;
};
template <class PutCode>
Quantized quantize(const float* x, int width, int greatest, PutCode put) {
    float largest = 0;
    for (int k = 0; k < width; k++) largest = std::max(largest, std::abs(x[k]));
    const float scale = largest / static_cast<float>(greatest);
    double square = 0;
    for (int k = 0; k < width; k++) {
        const float code = scale > 0 ? std::round(x[k] / scale) : 0;
        const auto within =
            static_cast<int>(std::clamp(code, static_cast<float>(-greatest), static_cast<float>(greatest)));
        put(k, within);
        const double rest = x[k] - static_cast<double>(scale) * within;
        square += rest * rest;
    }
    return {scale, rounded_up(std::sqrt(square) * (1 + 1e-12))};
}

std::uint8_t* code_of(std::uint8_t* codes, std::int64_t place, int k, int factors) {
    return codes + place / kPanelItems * panel_code_bytes(factors) +
           (static_cast<std::int64_t>(k) / kCodesPerGroup * kPanelItems + place % kPanelItems) *
               kCodesPerGroup +
           k % kCodesPerGroup;
}

// One user's factors as the codes are multiplied with them.
class CodedUser {
  public:
    CodedUser(const Columns& columns, const float* user)
        : groups_(static_cast<std::size_t>(code_groups(columns.factors))) {
        int sum = 0;
        const Quantized x = quantize(user, columns.factors, kGreatestUserCode, [&](int k, int code) {
            sum += code;
            const auto byte = static_cast<std::uint32_t>(static_cast<std::uint8_t>(code));
            groups_[k / kCodesPerGroup] |= static_cast<std::int32_t>(byte << k % kCodesPerGroup * 8);
        });
        scale_ = x.scale;
        of_zero_ = kCodeOfZero * sum;
        error_ = rounded_up(x.error * (1. + ScoreLimit::kSlack));
        reach_ = rounded_up((static_cast<double>(length_of_row(user, columns.factors)) + x.error) *
                            (1. + ScoreLimit::kSlack));
        weight_ = columns.bias < 0 ? 0 : user[columns.bias];
    }

    // For each item of the panel a bit: whether its score and what is added to it may reach `threshold`.
    // `base` is what every item scores.
    std::uint32_t may_reach(const std::uint8_t* codes, const PanelBounds& bounds, PanelLimit limit,
                            float base, const float* added, float threshold) const {
        constexpr int kVectors = kPanelItems / kLanes;
        Counts counts[kVectors] = {};
        for (const std::int32_t group : groups_) {
            PERSONALIZE_UNROLL
            for (int v = 0; v < kVectors; v++, codes += kLanes * kCodesPerGroup)
                counts[v] = add_byte_products(counts[v], codes, group);
        }
        const Lanes same = splat(base + error_ * limit.length);
        std::uint32_t reached = 0;
        PERSONALIZE_UNROLL
        for (int v = 0; v < kVectors; v++) {
            const Lanes product = __builtin_convertvector(counts[v] - of_zero_, Lanes);
            const Lanes bound = same + splat(scale_) * load(bounds.scale + v * kLanes) * product +
                                splat(reach_) * load(bounds.error + v * kLanes) +
                                splat(weight_) * load(bounds.bias + v * kLanes);
            reached |= lanes_not_below(bound + load(added + v * kLanes), splat(threshold)) << v * kLanes;
        }
        return reached;
    }

  private:
    std::vector<std::int32_t> groups_;
    std::int32_t of_zero_;  // what kCodeOfZero adds to every product
    float scale_, error_, reach_, weight_;
};

// Items whose scores are computed together, kLanes of them.
class Rescoring {
  public:
    Rescoring(FactorsView items, const float* user, float offset, const float* added, Best& best)
        : items_(items), user_(user), offset_(offset), added_(added), best_(best) {}

    void add(std::int32_t item) {
        const float* const row = items_.row(item);
        for (int k = 0; k < items_.width; k += kRowAlignment) __builtin_prefetch(row + k);
        waiting_[count_++] = item;
        if (count_ == kLanes) finish();
    }

    void finish() {
        if (count_ == 0) return;
        const float* rows[kLanes];
        PERSONALIZE_UNROLL
        for (int l = 0; l < kLanes; l++) rows[l] = items_.row(waiting_[std::min(l, count_ - 1)]);
        alignas(64) float scores[kLanes];
        store(scores, score_of_rows(rows, user_, items_.width, offset_));
        for (int l = 0; l < count_; l++)
            best_.offer(waiting_[l], added_ == nullptr ? scores[l] : added_[waiting_[l]] + scores[l]);
        count_ = 0;
    }

  private:
    const FactorsView items_;
    const float* const user_;
    const float offset_;
    const float* const added_;
    Best& best_;
    int count_ = 0;
    std::int32_t waiting_[kLanes];
};

}  // namespace

void build_item_index(FactorsView items, const Columns& columns, float typical_length, ItemIndexSpace space) {
    const ItemOrder order(items, columns, typical_length);
    std::copy(order.items.begin(), order.items.end(), space.order.begin());
    std::copy(order.limits.begin(), order.limits.end(), space.limits.begin());
    for (std::int64_t place = 0; place < items.rows; place++) {
        const float* const row = items.row(order.items[place]);
        const Quantized y = quantize(row, columns.factors, kGreatestCode, [&](int k, int code) {
            *code_of(space.codes.data(), place, k, columns.factors) =
                static_cast<std::uint8_t>(code + kCodeOfZero);
        });
        PanelBounds& bounds = space.bounds[place / kPanelItems];
        const std::int64_t lane = place % kPanelItems;
        bounds.scale[lane] = y.scale;
        bounds.error[lane] = with_slack(y.error, length_of_row(row, columns.factors));
        if (columns.bias >= 0) bounds.bias[lane] = with_slack(row[columns.bias], row[columns.bias]);
    }
}

void top_items(FactorsView items, const ItemIndexView& index, const float* user, float offset,
               const ItemSet* excluded, int k, std::vector<Scored>& result) {
    top_sums(items, index, user, offset, nullptr, excluded, k, result);
}

// Rounding keeps order: a bound of a score, plus a number, is a bound of the score plus that number.
void top_sums(FactorsView items, const ItemIndexView& index, const float* user, float offset,
              const float* added, const ItemSet* excluded, int k, std::vector<Scored>& result) {
    Best best;
    best.reset(k, items.rows);
    const ScoreLimit limit(index.columns, user, offset);
    const CodedUser coded(index.columns, user);
    Rescoring rescoring(items, user, offset, added, best);
    const std::int64_t panel_bytes = panel_code_bytes(index.columns.factors);
    alignas(64) float of_panel[kPanelItems] = {};
    for (std::size_t panel = 0; panel < index.limits.size(); panel++) {
        const PanelLimit at_most = index.limits[panel];
        const auto places = index.order.subspan(panel * kPanelItems);
        const std::size_t count = std::min<std::size_t>(kPanelItems, places.size());
        if (added != nullptr)
            for (std::size_t l = 0; l < count; l++) of_panel[l] = added[places[l]];
        else if (limit.below(at_most, best.threshold()))
            break;
        std::uint32_t reached =
            coded.may_reach(index.codes.data() + static_cast<std::int64_t>(panel) * panel_bytes,
                            index.bounds[panel], at_most, limit.base(), of_panel, best.threshold());
        for (; reached != 0; reached &= reached - 1) {
            const auto place = static_cast<std::size_t>(std::countr_zero(reached));
            if (place >= count) break;
            if (excluded == nullptr || !excluded->contains(places[place])) rescoring.add(places[place]);
        }
    }
    rescoring.finish();
    const auto kept = best.finish();
    result.assign(kept.begin(), kept.end());
}

}  // namespace personalize::core
