#include "core/model/item_neighbour_recommender.hpp"

#include <algorithm>
#include <cmath>

#include "core/ranking/best.hpp"
#include "core/runtime/error.hpp"
#include "core/runtime/multiply_add.hpp"

namespace personalize::core {

namespace {

float weight_for(SparseRow neighbours, std::int32_t item) noexcept {
    const auto found = std::lower_bound(neighbours.columns.begin(), neighbours.columns.end(), item);
    if (found == neighbours.columns.end() || *found != item) return 0;
    return neighbours.values[static_cast<std::size_t>(found - neighbours.columns.begin())];
}

}  // namespace

float ItemNeighbourRecommender::voice(const Taste& taste, std::size_t k, float user_offset) const noexcept {
    return predicts_ratings() ? taste.values[k] - parts_.item_offsets[taste.items[k]] - user_offset
                              : taste.values[k];
}

template <class Add>
void ItemNeighbourRecommender::each_list(const Taste& taste, const Add& add) const {
    const float offset = user_offset(taste);
    const auto list = [&](std::size_t k) {
        return k < taste.items.size() ? parts_.neighbours.row(taste.items[k]) : SparseRow();
    };
    for (std::size_t k = 0; k < taste.items.size(); k++) add(list(k), voice(taste, k, offset), list(k + 1));
}

void ItemNeighbourRecommender::add_up(const Taste& taste, ScoreBoard& board) const {
    std::int64_t parts = 0;
    for (const std::int32_t item : taste.items)
        parts += parts_.neighbours.start[item + 1] - parts_.neighbours.start[item];
    board.start(parts);
    each_list(taste, [&](SparseRow list, float voice, SparseRow next) { board.add(list, voice, next); });
}

void ItemNeighbourRecommender::all_scores(const Taste& taste, std::span<float> scores) const {
    if (predicts_ratings()) return NeighbourRecommender::all_scores(taste, scores);
    std::fill(scores.begin(), scores.end(), 0.f);
    each_list(taste, [&](SparseRow list, float voice, SparseRow next) {
        ScoreBoard::add_to(scores.data(), list, voice, next);
    });
}

NeighbourRecommender::Sums ItemNeighbourRecommender::add_up(const Taste& taste,
                                                            std::int32_t item) const noexcept {
    const float offset = user_offset(taste);
    Sums sums;
    for (std::size_t k = 0; k < taste.items.size(); k++) {
        const float weight = weight_for(parts_.neighbours.row(taste.items[k]), item),
                    value = voice(taste, k, offset);
        sums.sum = multiply_add(value, weight, sums.sum);
        sums.weights += weight < 0 ? -weight : weight;
    }
    return sums;
}

Explanation ItemNeighbourRecommender::explain(std::span<const std::int32_t> items,
                                              std::span<const float> values, std::int32_t item, Host&) {
    const Taste taste{true, {}, {items.begin(), items.end()}, {values.begin(), values.end()}};
    const float offset = user_offset(taste);
    Explanation result;
    double weights = kWeightOfBaseline;
    for (std::size_t k = 0; k < items.size(); k++) {
        const double weight = weight_for(parts_.neighbours.row(items[k]), item);
        result.contributions.push_back(weight * voice(taste, k, offset));
        weights += std::fabs(weight);
    }
    if (!predicts_ratings()) return result;
    for (double& contribution : result.contributions) contribution /= weights;
    result.baseline = baseline(taste, item);
    return result;
}

void ItemNeighbourRecommender::similar_items(std::int32_t item, int k, std::vector<Scored>& result) const {
    const SparseRow neighbours = parts_.neighbours.row(item);
    Best best;
    best.reset(k, std::ssize(neighbours.columns));
    for (std::size_t n = 0; n < neighbours.size(); n++)
        best.offer(neighbours.columns[n], neighbours.values[n]);
    const auto ranked = best.finish();
    result.assign(ranked.begin(), ranked.end());
}

void ItemNeighbourRecommender::similar_users(const Taste&, std::int32_t, int, std::vector<Scored>&) const {
    throw InvalidInput("a model of items' neighbours knows no similar users",
                       "Ask a model that train_mf made.");
}

}  // namespace personalize::core
