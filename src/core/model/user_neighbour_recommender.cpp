#include "core/model/user_neighbour_recommender.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "core/model/user_neighbour_payload.hpp"
#include "core/ranking/best.hpp"
#include "core/runtime/error.hpp"
#include "core/runtime/multiply_add.hpp"

namespace personalize::core {

UserNeighbourRecommender::UserNeighbourRecommender(const ModelParts& parts) : NeighbourRecommender(parts) {
    const UserNeighbourPayload own =
        open_user_neighbours(parts.payload, parts.users.size(), parts.items.size(), parts.rule.feedback);
    index_ = {
        own.options,    own.most_postings, knows_members_only(own.options.similarity) && !predicts_ratings(),
        parts.postings, own.item_weights,  own.user_scales};
    item_lengths_ = own.item_lengths;
    user_offsets_ = own.user_offsets;
}

void UserNeighbourRecommender::find_neighbours(Taste& taste, std::int32_t self) const {
    taste.neighbours = knn::nearest_users(index_, knn::asker(index_, taste.items, taste.values), self,
                                          index_.options.neighbours);
    if (!taste.neighbours.empty() && !std::isfinite(taste.neighbours[0].score))
        throw CorruptModel("its similarities of users are not finite");
}

Taste UserNeighbourRecommender::taste(std::span<const std::int32_t> items, std::span<const float> values) {
    return taste_of({{items.begin(), items.end()}, {values.begin(), values.end()}});
}

Taste UserNeighbourRecommender::taste_of(const Observations& told) {
    Taste taste = NeighbourRecommender::taste(told.items, told.values);
    find_neighbours(taste, told.user);
    return taste;
}

Taste UserNeighbourRecommender::stored_taste(std::int32_t user) const {
    Taste taste = NeighbourRecommender::stored_taste(user);
    if (taste.personal) find_neighbours(taste, user);
    return taste;
}

std::size_t UserNeighbourRecommender::best_for_users_memory(std::int64_t users, int threads) const noexcept {
    return NeighbourRecommender::best_for_users_memory(users, threads) +
           static_cast<std::size_t>(threads) * knn::nearest_users_memory(parts_.users.size());
}

// Values lie where the user's gaps do: at least a byte each.
template <class Visit>
void UserNeighbourRecommender::for_each_rating(std::int32_t user, const Visit& visit) const {
    if (parts_.seen_values.empty())
        return parts_.seen.for_each(user, [&](std::int32_t item) { visit(item, 1.f); });
    const float* value = parts_.seen_values.data() + parts_.seen.start()[user];
    parts_.seen.for_each(user, [&](std::int32_t item) { visit(item, *value++); });
}

float UserNeighbourRecommender::voice(std::int32_t user, std::int32_t item, float value) const noexcept {
    return predicts_ratings() ? value - parts_.item_offsets[item] - user_offsets_[user] : value;
}

void UserNeighbourRecommender::add_up(const Taste& taste, ScoreBoard& board) const {
    std::int64_t parts = 0;
    for (const Scored& user : taste.neighbours) {
        const auto gaps = parts_.seen.gaps(user.index);
        parts += std::ssize(gaps);
        for (std::size_t at = 0; at < gaps.size(); at += 64) __builtin_prefetch(gaps.data() + at);
        if (!parts_.seen_values.empty())
            __builtin_prefetch(parts_.seen_values.data() + parts_.seen.start()[user.index]);
    }
    board.start(parts);
    for (const Scored& user : taste.neighbours)
        for_each_rating(user.index, [&](std::int32_t item, float value) {
            board.add(item, voice(user.index, item, value), user.score);
        });
}

NeighbourRecommender::Sums UserNeighbourRecommender::add_up(const Taste& taste,
                                                            std::int32_t item) const noexcept {
    Sums sums;
    for (const Scored& user : taste.neighbours)
        for_each_rating(user.index, [&](std::int32_t rated, float value) {
            if (rated != item) return;
            sums.sum = multiply_add(voice(user.index, item, value), user.score, sums.sum);
            sums.weights += user.score;
        });
    return sums;
}

Explanation UserNeighbourRecommender::explain(std::span<const std::int32_t> items,
                                              std::span<const float> values, std::int32_t item, Host& host) {
    return explain_told({{items.begin(), items.end()}, {values.begin(), values.end()}}, item, host);
}

Explanation UserNeighbourRecommender::explain_told(const Observations& told, std::int32_t item, Host& host) {
    const Taste taste = taste_of(told);
    const knn::Asker asker = knn::asker(index_, taste.items, taste.values);
    std::vector<double> products(asker.items.size()), parts(asker.items.size());
    double weights = predicts_ratings() ? kWeightOfBaseline : 1;
    for (const Scored& user : taste.neighbours) {
        host.poll();
        Taste alone;
        alone.neighbours = {user};
        const Sums sums = add_up(alone, item);
        if (predicts_ratings()) weights += sums.weights;
        if (sums.sum == 0) continue;
        double sum = 0;
        for (std::size_t k = 0; k < products.size(); k++)
            sum += products[k] = knn::product_with(index_, asker, k, user.index);
        if (sum > 0)
            for (std::size_t k = 0; k < products.size(); k++) parts[k] += products[k] / sum * sums.sum;
    }
    Explanation result;
    result.baseline = baseline(taste, item);
    std::size_t k = 0;
    for (const std::int32_t own : told.items) {  // the asker's may be some of them
        const bool counts = k < asker.items.size() && asker.items[k] == own;
        result.contributions.push_back(counts ? parts[k++] / weights : 0);
    }
    return result;
}

// Values of postings may be left out, so that rows of them are not always to be had.
std::span<const std::int32_t> UserNeighbourRecommender::raters(std::int32_t item) const noexcept {
    const auto from = static_cast<std::size_t>(parts_.postings.start[item]),
               to = static_cast<std::size_t>(parts_.postings.start[item + 1]);
    return parts_.postings.columns.subspan(from, to - from);
}

double UserNeighbourRecommender::similarity(std::int32_t a, std::int32_t b) const {
    const auto of_a = raters(a), of_b = raters(b);
    if (of_a.empty() || of_b.empty()) return 0;
    std::vector<std::int32_t> common;
    std::ranges::set_intersection(of_a, of_b, std::back_inserter(common));
    return static_cast<double>(common.size()) /
           std::sqrt(static_cast<double>(of_a.size()) * static_cast<double>(of_b.size()));
}

void UserNeighbourRecommender::similar_items(std::int32_t item, int k, std::vector<Scored>& result) const {
    const auto all = raters(item);
    std::int64_t ratings = 0;
    for (const std::int32_t user : all) ratings += std::ssize(parts_.seen.gaps(user));
    const auto step = static_cast<std::size_t>(1 + ratings / kMostRead);
    std::vector<float> sums(item_lengths_.size());
    std::vector<std::pair<std::int32_t, float>> own;
    for (std::size_t k = 0; k < all.size(); k += step) {
        own.clear();
        float value_of_item = 0;
        for_each_rating(all[k], [&](std::int32_t rated, float value) {
            own.emplace_back(rated, value);
            if (rated == item) value_of_item = value;
        });
        for (const auto& [rated, value] : own) sums[rated] += value_of_item * value;
    }
    Best best;
    best.reset(k, std::ssize(sums));
    for (std::size_t other = 0; other < sums.size(); other++) {
        const float lengths = item_lengths_[item] * item_lengths_[other] / static_cast<float>(step);
        const auto index = static_cast<std::int32_t>(other);
        if (sums[other] > 0 && lengths > 0 && index != item) best.offer(index, sums[other] / lengths);
    }
    const auto ranked = best.finish();
    result.assign(ranked.begin(), ranked.end());
}

void UserNeighbourRecommender::similar_users(const Taste& taste, std::int32_t self, int k,
                                             std::vector<Scored>& result) const {
    result = knn::nearest_users(index_, knn::asker(index_, taste.items, taste.values), self, k);
}

}  // namespace personalize::core
