#include "core/model/predict.hpp"

#include <algorithm>
#include <vector>

#include "core/ranking/top_k.hpp"

namespace personalize::core {

namespace {

// As ranking scores it, to the bit.
float score(FactorsView items, const float* user, std::int32_t item) {
    std::vector<Scored> one;
    top_candidates(items, user, 0, nullptr, {&item, 1}, 1, one);
    return one.front().score;
}

// Sums of the parts that are known: of a row (x_u, 1, b_u) the bias stands last, of (y_i, b_i, 1) before the
// last.
float deviation(const ModelParts& parts, const float* user, std::int32_t item) {
    const int rank = parts.objective.rank;
    const bool item_known = item != IdView::kNotFound;
    if (user != nullptr && item_known) return score(parts.item_factors, user, item);
    if (user != nullptr) return user[rank + 1];
    return item_known ? parts.item_factors.row(item)[rank] : 0;
}

}  // namespace

std::optional<float> predict(const ModelParts& parts, const float* user, std::int32_t item) {
    if (parts.objective.has_biases())
        return std::clamp(parts.offset() + deviation(parts, user, item), parts.rule.lowest,
                          parts.rule.highest);
    if (user == nullptr || item == IdView::kNotFound) return std::nullopt;
    return score(parts.item_factors, user, item);
}

}  // namespace personalize::core
