#include "core/model/liked_items.hpp"

namespace personalize::core {

std::vector<std::int32_t> distinct(std::span<const std::int32_t> candidates) {
    std::vector<std::int32_t> items(candidates.begin(), candidates.end());
    std::sort(items.begin(), items.end());
    items.erase(std::unique(items.begin(), items.end()), items.end());
    return items;
}

void rank_liked(const ModelParts& parts, const ItemSet* excluded, int k, const ScoreBoard& board,
                std::vector<Scored>& result) {
    Best best;
    best.reset(k, parts.items.size());
    board.offer_positive(best, [&](std::int32_t item) { return is_excluded(excluded, item); });
    const auto liked = best.finish();
    result.assign(liked.begin(), liked.end());
    const auto wanted = static_cast<std::size_t>(std::min<std::int64_t>(k, parts.items.size()));
    for (const std::int32_t item : parts.popular_order) {
        if (result.size() >= wanted) break;
        if (board.sum(item) == 0 && !is_excluded(excluded, item)) result.push_back({item, 0});
    }
}

void rank_liked_candidates(const ModelParts& parts, const ItemSet* excluded,
                           std::span<const std::int32_t> candidates, int k,
                           const std::function<float(std::int32_t)>& score, std::vector<Scored>& result) {
    const std::vector<std::int32_t> items = distinct(candidates);
    Best best, popular;
    best.reset(k, std::ssize(items));
    popular.reset(k, std::ssize(items));
    for (const std::int32_t item : items) {
        if (is_excluded(excluded, item)) continue;
        const float value = score(item);
        if (value > 0)
            best.offer(item, value);
        else if (value == 0)
            popular.offer(item, parts.popularity[item]);
    }
    const auto ranked = best.finish();
    result.assign(ranked.begin(), ranked.end());
    for (const Scored& item : popular.finish())
        if (std::ssize(result) < k) result.push_back({item.index, 0});
}

}  // namespace personalize::core
