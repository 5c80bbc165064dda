#include "core/model/predict.hpp"

#include <algorithm>

#include "core/ranking/top_k.hpp"

namespace personalize::core {

namespace {

// The mean and the parts that are known: of a row (x_u, 1, b_u) the bias stands last, of (y_i, b_i, 1) before
// the last.
float expected_rating(const ModelParts& parts, const float* user, std::int32_t item) noexcept {
    const int rank = parts.objective.rank;
    const bool item_known = item != IdView::kNotFound;
    if (user != nullptr && item_known) return score(parts.item_factors, user, parts.offset(), item);
    if (user != nullptr) return parts.offset() + user[rank + 1];
    return parts.offset() + (item_known ? parts.item_factors.row(item)[rank] : 0);
}

}  // namespace

std::optional<float> predict(const ModelParts& parts, const float* user, std::int32_t item) noexcept {
    if (parts.objective.has_biases())
        return std::clamp(expected_rating(parts, user, item), parts.rule.lowest, parts.rule.highest);
    if (user == nullptr || item == IdView::kNotFound) return std::nullopt;
    return score(parts.item_factors, user, parts.offset(), item);
}

}  // namespace personalize::core
