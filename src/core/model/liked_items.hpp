// Lists as models make them that score items one by one: for likes those that something speaks for and then
// popular ones; for many users at a time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/model/popular.hpp"
#include "core/model/recommender.hpp"
#include "core/model/score_board.hpp"
#include "core/ranking/best.hpp"
#include "core/runtime/parallel.hpp"

namespace personalize::core {

// Ascending, each once.
std::vector<std::int32_t> distinct(std::span<const std::int32_t> candidates);

inline bool is_excluded(const ItemSet* excluded, std::int32_t item) noexcept {
    return excluded != nullptr && excluded->contains(item);
}

// Items of score > 0, best first; then those of score 0 by popularity, up to k in all.
void rank_liked(const ModelParts& parts, const ItemSet* excluded, int k, const ScoreBoard& board,
                std::vector<Scored>& result);
// The same among candidates (indexes in any order, repeats allowed), where score(item) is what the board has.
void rank_liked_candidates(const ModelParts& parts, const ItemSet* excluded,
                           std::span<const std::int32_t> candidates, int k,
                           const std::function<float(std::int32_t)>& score, std::vector<Scored>& result);

// The k of `order` (indexes of items) with the highest score(item), best first, equal ones as they are in it;
// of those only that is_listed(item, score) lets through.
template <class Score, class IsListed>
void rank_in_order(std::span<const std::int32_t> order, int k, const Score& score, const IsListed& is_listed,
                   std::vector<Scored>& result) {
    Best best;
    best.reset(k, std::ssize(order));
    for (std::size_t place = 0; place < order.size(); place++) {
        const float value = score(order[place]);
        if (value >= best.threshold() && is_listed(order[place], value))
            best.offer(static_cast<std::int32_t>(place), value);
    }
    result.clear();
    for (const auto& [place, value] : best.finish()) result.push_back({order[place], value});
}

// Recommender::best_for_users() by rank(user, excluded, k, scratch, list), which is false for users without a
// taste; make_scratch() makes what one thread needs.
template <class MakeScratch, class Rank>
void lists_for_users(const ModelParts& parts, const ListsRequest& wanted, Host& host,
                     std::vector<Scored>& result, const MakeScratch& make_scratch, const Rank& rank) {
    constexpr std::int64_t kUsersPerChunk = 16;
    result.assign(wanted.users.size() * static_cast<std::size_t>(wanted.k), {-1, 0});
    const auto count = std::ssize(wanted.users);
    parallel_chunks(host, wanted.threads, (count + kUsersPerChunk - 1) / kUsersPerChunk, [&]() -> ChunkBody {
        const auto scratch = std::make_shared<decltype(make_scratch())>(make_scratch());
        const auto seen = std::make_shared<ItemSet>();
        seen->reset(parts.items.size());
        return [&, scratch, seen, count](std::int64_t chunk) {
            const std::int64_t end = std::min(count, (chunk + 1) * kUsersPerChunk);
            std::vector<Scored> list;
            for (std::int64_t n = chunk * kUsersPerChunk; n < end; n++) {
                const std::int32_t user = wanted.users[static_cast<std::size_t>(n)];
                parts.seen.for_each(user, [&](std::int32_t item) { seen->insert(item); });
                const ItemSet* const excluded = wanted.exclude_seen ? seen.get() : nullptr;
                if (!rank(user, excluded, wanted.k, *scratch, list))
                    list = most_popular(parts, excluded, wanted.k, nullptr);
                std::copy(list.begin(), list.end(), result.begin() + n * wanted.k);
                parts.seen.for_each(user, [&](std::int32_t item) { seen->erase(item); });
                stop_point();
            }
        };
    });
}

}  // namespace personalize::core
