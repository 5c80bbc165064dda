#include "core/model/neighbour_recommender.hpp"

#include <algorithm>

#include "core/model/liked_items.hpp"
#include "core/model/seen_values.hpp"
#include "core/ranking/best.hpp"

namespace personalize::core {

Taste NeighbourRecommender::taste(std::span<const std::int32_t> items, std::span<const float> values) {
    return {.personal = true,
            .factor = {},
            .items = {items.begin(), items.end()},
            .values = {values.begin(), values.end()}};
}

Taste NeighbourRecommender::stored_taste(std::int32_t user) const {
    StoredRatings stored = stored_ratings(parts_, user);
    return {.personal = has_stored_taste(user),
            .factor = {},
            .items = std::move(stored.items),
            .values = std::move(stored.values)};
}

bool NeighbourRecommender::has_stored_taste(std::int32_t user) const {
    const auto from = static_cast<std::size_t>(parts_.seen.start()[user]),
               to = static_cast<std::size_t>(parts_.seen.start()[user + 1]);
    if (parts_.seen_values.empty() || predicts_ratings()) return from < to;
    const auto values = parts_.seen_values.subspan(from, to - from);
    return std::any_of(values.begin(), values.end(), [](float value) { return value > 0; });
}

float NeighbourRecommender::user_offset(std::span<const std::int32_t> items, std::span<const float> values,
                                        std::span<const float> item_offsets) noexcept {
    double sum = 0;
    for (std::size_t k = 0; k < items.size(); k++)
        sum += static_cast<double>(values[k]) - item_offsets[items[k]];
    return static_cast<float>(sum / (kUserDamping + static_cast<double>(items.size())));
}

float NeighbourRecommender::user_offset(const Taste& taste) const noexcept {
    return predicts_ratings() ? user_offset(taste.items, taste.values, parts_.item_offsets) : 0;
}

float NeighbourRecommender::expected(float baseline, float sum, float weight) const noexcept {
    return baseline + sum / (weight + kWeightOfBaseline);
}

void NeighbourRecommender::rank_expected(const Taste& taste, const ItemSet* excluded, int k,
                                         const ScoreBoard& board, std::vector<Scored>& result) const {
    const float offset = parts_.offset() + user_offset(taste);
    Best best;
    best.reset(k, parts_.items.size());
    board.offer_all(
        best,
        [&, offsets = parts_.item_offsets.data()](std::int64_t item) {
            const auto i = static_cast<std::int32_t>(item);
            return expected(offset + offsets[item], board.sum(i), board.weight(i));
        },
        [&](std::int32_t item) { return is_excluded(excluded, item); });
    const auto ranked = best.finish();
    result.assign(ranked.begin(), ranked.end());
}

void NeighbourRecommender::rank(const Taste& taste, const ItemSet* excluded, int k, ScoreBoard& board,
                                std::vector<Scored>& result) const {
    add_up(taste, board);
    if (predicts_ratings())
        rank_expected(taste, excluded, k, board, result);
    else
        rank_liked(parts_, excluded, k, board, result);
}

void NeighbourRecommender::all_scores(const Taste& taste, std::span<float> scores) const {
    ScoreBoard board(parts_.items.size(), predicts_ratings());
    add_up(taste, board);
    const float offset = parts_.offset() + user_offset(taste);
    for (std::int32_t item = 0; item < std::ssize(scores); item++)
        scores[item] = predicts_ratings()
                           ? expected(offset + parts_.item_offsets[item], board.sum(item), board.weight(item))
                           : board.sum(item);
}

void NeighbourRecommender::best_items(const Taste& taste, const ItemSet* excluded, int k,
                                      std::vector<Scored>& result) {
    if (!board_) board_ = std::make_unique<ScoreBoard>(parts_.items.size(), predicts_ratings());
    rank(taste, excluded, k, *board_, result);
}

void NeighbourRecommender::best_candidates(const Taste& taste, const ItemSet* excluded,
                                           std::span<const std::int32_t> candidates, int k,
                                           std::vector<Scored>& result) const {
    const auto score_of = [&](std::int32_t item) { return score(taste, item); };
    if (!predicts_ratings()) return rank_liked_candidates(parts_, excluded, candidates, k, score_of, result);
    const std::vector<std::int32_t> items = distinct(candidates);
    Best best;
    best.reset(k, std::ssize(items));
    for (const std::int32_t item : items)
        if (!is_excluded(excluded, item)) best.offer(item, score_of(item));
    const auto ranked = best.finish();
    result.assign(ranked.begin(), ranked.end());
}

void NeighbourRecommender::best_for_users(const ListsRequest& wanted, Host& host,
                                          std::vector<Scored>& result) const {
    lists_for_users(
        parts_, wanted, host, result, [this] { return ScoreBoard(parts_.items.size(), predicts_ratings()); },
        [this](std::int32_t user, const ItemSet* seen, int count, ScoreBoard& board,
               std::vector<Scored>& list) {
            const Taste taste = stored_taste(user);
            if (taste.personal) rank(taste, seen, count, board, list);
            return taste.personal;
        });
}

std::size_t NeighbourRecommender::best_for_users_memory(std::int64_t, int threads) const noexcept {
    return static_cast<std::size_t>(threads) * ScoreBoard::memory(parts_.items.size());
}

float NeighbourRecommender::baseline(const Taste& taste, std::int32_t item) const noexcept {
    return predicts_ratings() ? parts_.offset() + user_offset(taste) + parts_.item_offsets[item] : 0;
}

float NeighbourRecommender::score(const Taste& taste, std::int32_t item) const noexcept {
    const Sums sums = add_up(taste, item);
    return predicts_ratings() ? expected(baseline(taste, item), sums.sum, sums.weights) : sums.sum;
}

std::optional<float> NeighbourRecommender::predict(const Taste& taste, std::int32_t item) const noexcept {
    const bool item_known = item != IdView::kNotFound;
    if (!predicts_ratings())
        return taste.personal && item_known ? std::optional(score(taste, item)) : std::nullopt;
    float rating = parts_.offset();
    if (taste.personal && item_known)
        rating = score(taste, item);
    else if (taste.personal)
        rating += user_offset(taste);
    else if (item_known)
        rating += parts_.item_offsets[item];
    return std::clamp(rating, parts_.rule.lowest, parts_.rule.highest);
}

}  // namespace personalize::core
