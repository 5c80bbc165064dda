#include "core/model/neighbour_recommender.hpp"

#include <algorithm>

#include "core/ranking/best.hpp"
#include "core/runtime/parallel.hpp"

namespace personalize::core {

namespace {

constexpr std::int64_t kUsersPerChunk = 16;

bool is_excluded(const ItemSet* excluded, std::int32_t item) noexcept {
    return excluded != nullptr && excluded->contains(item);
}

}  // namespace

Taste NeighbourRecommender::taste(std::span<const std::int32_t> items, std::span<const float> values) {
    return {.personal = true,
            .factor = {},
            .items = {items.begin(), items.end()},
            .values = {values.begin(), values.end()}};
}

// Values lie where the user's gaps do: at least a byte each.
Taste NeighbourRecommender::stored_taste(std::int32_t user) const {
    Taste taste{
        .personal = has_stored_taste(user), .factor = {}, .items = parts_.seen.of(user), .values = {}};
    taste.values.assign(taste.items.size(), 1);
    if (!parts_.seen_values.empty())
        std::copy_n(parts_.seen_values.begin() + parts_.seen.start()[user], taste.items.size(),
                    taste.values.begin());
    return taste;
}

bool NeighbourRecommender::has_stored_taste(std::int32_t user) const noexcept {
    const auto from = static_cast<std::size_t>(parts_.seen.start()[user]),
               to = static_cast<std::size_t>(parts_.seen.start()[user + 1]);
    if (parts_.seen_values.empty() || predicts_ratings()) return from < to;
    const auto values = parts_.seen_values.subspan(from, to - from);
    return std::any_of(values.begin(), values.end(), [](float value) { return value > 0; });
}

float NeighbourRecommender::user_offset(const Taste& taste) const noexcept {
    if (!predicts_ratings()) return 0;
    double sum = 0;
    for (std::size_t k = 0; k < taste.items.size(); k++)
        sum += static_cast<double>(taste.values[k]) - parts_.item_offsets[taste.items[k]];
    return static_cast<float>(sum / (kUserDamping + static_cast<double>(taste.items.size())));
}

float NeighbourRecommender::expected(float baseline, float sum, float weight) const noexcept {
    return baseline + sum / (weight + kWeightOfBaseline);
}

void NeighbourRecommender::rank_liked(const ItemSet* excluded, int k, const ScoreBoard& board,
                                      std::vector<Scored>& result) const {
    Best best;
    best.reset(k, parts_.items.size());
    board.offer_positive(best, [&](std::int32_t item) { return is_excluded(excluded, item); });
    const auto liked = best.finish();
    result.assign(liked.begin(), liked.end());
    const auto wanted = static_cast<std::size_t>(std::min<std::int64_t>(k, parts_.items.size()));
    for (const std::int32_t item : parts_.popular_order) {
        if (result.size() >= wanted) break;
        if (board.sum(item) == 0 && !is_excluded(excluded, item)) result.push_back({item, 0});
    }
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
        rank_liked(excluded, k, board, result);
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
    std::vector<std::int32_t> distinct(candidates.begin(), candidates.end());
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    Best best, popular;
    best.reset(k, std::ssize(distinct));
    popular.reset(k, std::ssize(distinct));
    for (const std::int32_t item : distinct) {
        if (is_excluded(excluded, item)) continue;
        const float value = score(taste, item);
        if (predicts_ratings() || value > 0)
            best.offer(item, value);
        else if (value == 0)
            popular.offer(item, parts_.popularity[item]);
    }
    const auto ranked = best.finish();
    result.assign(ranked.begin(), ranked.end());
    for (const Scored& item : popular.finish())
        if (std::ssize(result) < k) result.push_back({item.index, 0});
}

std::int64_t NeighbourRecommender::personal_part(std::span<const Scored> list) const noexcept {
    if (predicts_ratings()) return std::ssize(list);
    return std::find_if(list.begin(), list.end(), [](const Scored& item) { return item.score == 0; }) -
           list.begin();
}

void NeighbourRecommender::best_for_users(std::span<const std::int32_t> users, bool exclude_seen, int k,
                                          int threads, Host& host, std::vector<Scored>& result) const {
    result.assign(users.size() * static_cast<std::size_t>(k), {-1, 0});
    struct Scratch {
        ScoreBoard board;
        ItemSet seen;
        std::vector<Scored> best;
    };
    const auto count = std::ssize(users);
    parallel_chunks(host, threads, (count + kUsersPerChunk - 1) / kUsersPerChunk, [&]() -> ChunkBody {
        const auto scratch =
            std::make_shared<Scratch>(Scratch{ScoreBoard(parts_.items.size(), predicts_ratings()), {}, {}});
        scratch->seen.reset(parts_.items.size());
        return [&, scratch, count](std::int64_t chunk) {
            const std::int64_t end = std::min(count, (chunk + 1) * kUsersPerChunk);
            for (std::int64_t n = chunk * kUsersPerChunk; n < end; n++) {
                const Taste taste = stored_taste(users[static_cast<std::size_t>(n)]);
                for (const std::int32_t item : taste.items) scratch->seen.insert(item);
                rank(taste, exclude_seen ? &scratch->seen : nullptr, k, scratch->board, scratch->best);
                std::copy(scratch->best.begin(), scratch->best.end(), result.begin() + n * k);
                for (const std::int32_t item : taste.items) scratch->seen.erase(item);
                stop_point();
            }
        };
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
