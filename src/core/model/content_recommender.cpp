#include "core/model/content_recommender.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>

#include "core/model/liked_items.hpp"
#include "core/model/seen_values.hpp"
#include "core/runtime/error.hpp"
#include "core/runtime/multiply_add.hpp"

namespace personalize::core {

namespace {

// A term with the size of its weight, as one number: greater ones are stronger, and of equal ones the first
// term. (Floats without sign order as the integers of the same bits do.)
std::uint64_t strength(float weight, std::int32_t term) noexcept {
    return static_cast<std::uint64_t>(std::bit_cast<std::uint32_t>(std::fabs(weight))) << 32 |
           (0xFFFFFFFFu - static_cast<std::uint32_t>(term));
}
std::int32_t term_of(std::uint64_t strength) noexcept {
    return static_cast<std::int32_t>(0xFFFFFFFFu - static_cast<std::uint32_t>(strength));
}

// The `most` greatest, in descending order.
void keep_strongest(std::vector<std::uint64_t>& strengths, std::size_t most) {
    if (strengths.size() > most) {
        const auto end = strengths.begin() + static_cast<std::ptrdiff_t>(most);
        std::nth_element(strengths.begin(), end, strengths.end(), std::greater<>());
        strengths.erase(end, strengths.end());
    }
    std::sort(strengths.begin(), strengths.end(), std::greater<>());
}

bool has_both_signs(std::span<const float> weights) noexcept {
    const auto above = [](float weight) { return weight > 0; };
    const auto below = [](float weight) { return weight < 0; };
    return std::any_of(weights.begin(), weights.end(), above) &&
           std::any_of(weights.begin(), weights.end(), below);
}

// In the order in which a board adds lists up, so that both give the same bits.
float product(const Profile& profile, SparseRow row) noexcept {
    float sum = 0;
    std::size_t at = 0;
    for (std::size_t k = 0; k < profile.terms.size(); k++) {
        while (at < row.size() && row.columns[at] < profile.terms[k]) at++;
        if (at == row.size()) break;
        if (row.columns[at] == profile.terms[k]) sum = multiply_add(profile.weights[k], row.values[at], sum);
    }
    return sum;
}

}  // namespace

Profile ContentRecommender::profile_of(std::span<const std::int32_t> items, std::span<const float> values,
                                       ScoreBoard& terms, float& length) const {
    std::int64_t entries = 0;
    for (const std::int32_t item : items) entries += std::ssize(parts_.neighbours.row(item).columns);
    terms.start(entries);
    for (std::size_t k = 0; k < items.size(); k++) terms.add(parts_.neighbours.row(items[k]), values[k]);
    std::vector<std::uint64_t> strongest;
    strongest.reserve(static_cast<std::size_t>(std::min(entries, parts_.postings.rows())));
    terms.each([&](std::int32_t term, float weight) { strongest.push_back(strength(weight, term)); });
    keep_strongest(strongest, kMostTerms);

    Profile profile;
    auto room = std::max(
        kPlaces, static_cast<std::int64_t>(kPlacesPerItem * static_cast<double>(parts_.items.size())));
    for (const std::uint64_t next : strongest) {
        const std::int64_t places = std::ssize(parts_.postings.row(term_of(next)).columns);
        if (places > room) continue;
        room -= places;
        profile.terms.push_back(term_of(next));
    }
    std::sort(profile.terms.begin(), profile.terms.end());
    double square = 0;
    for (const std::int32_t term : profile.terms)
        square += static_cast<double>(terms.sum(term)) * terms.sum(term);
    length = static_cast<float>(std::sqrt(square));
    for (const std::int32_t term : profile.terms) profile.weights.push_back(terms.sum(term) / length);
    return profile;
}

Taste ContentRecommender::profiled_taste(std::vector<std::int32_t> items, std::vector<float> values,
                                         ScoreBoard& terms) const {
    Taste taste{.personal = false, .factor = {}, .items = std::move(items), .values = std::move(values)};
    float length;
    taste.profile = profile_of(taste.items, taste.values, terms, length);
    taste.personal = length > 0 && likes_something(taste.items, taste.values);
    return taste;
}

bool ContentRecommender::likes_something(std::span<const std::int32_t> items,
                                         std::span<const float> values) const noexcept {
    for (std::size_t k = 0; k < items.size(); k++)
        if (values[k] > 0 && parts_.neighbours.start[items[k]] < parts_.neighbours.start[items[k] + 1])
            return true;
    return false;
}

ContentRecommender::Scratch& ContentRecommender::scratch() {
    if (!scratch_) scratch_ = std::make_unique<Scratch>(parts_);
    return *scratch_;
}

Taste ContentRecommender::taste(std::span<const std::int32_t> items, std::span<const float> values) {
    return profiled_taste({items.begin(), items.end()}, {values.begin(), values.end()}, scratch().terms);
}

Taste ContentRecommender::stored_taste(std::int32_t user) const {
    ScoreBoard terms(parts_.postings.rows(), false);
    StoredRatings stored = stored_ratings(parts_, user);
    return profiled_taste(std::move(stored.items), std::move(stored.values), terms);
}

bool ContentRecommender::has_stored_taste(std::int32_t user) const { return stored_taste(user).personal; }

void ContentRecommender::add_up(const Profile& profile, ScoreBoard& items) const {
    std::int64_t places = 0;
    for (const std::int32_t term : profile.terms) places += std::ssize(parts_.postings.row(term).columns);
    items.start(places);
    for (std::size_t k = 0; k < profile.terms.size(); k++)
        items.add(parts_.postings.row(profile.terms[k]), profile.weights[k]);
}

void ContentRecommender::all_scores(const Taste& taste, std::span<float> scores) const {
    ScoreBoard items(parts_.items.size(), false);
    add_up(taste.profile, items);
    for (std::size_t item = 0; item < scores.size(); item++)
        scores[item] = items.sum(static_cast<std::int32_t>(item));
}

void ContentRecommender::best_items(const Taste& taste, const ItemSet* excluded, int k,
                                    std::vector<Scored>& result) {
    add_up(taste.profile, scratch().items);
    rank_liked(parts_, excluded, k, scratch().items, result);
}

void ContentRecommender::best_candidates(const Taste& taste, const ItemSet* excluded,
                                         std::span<const std::int32_t> candidates, int k,
                                         std::vector<Scored>& result) const {
    rank_liked_candidates(
        parts_, excluded, candidates, k,
        [&](std::int32_t item) { return product(taste.profile, parts_.neighbours.row(item)); }, result);
}

void ContentRecommender::best_for_users(const ListsRequest& wanted, Host& host,
                                        std::vector<Scored>& result) const {
    lists_for_users(
        parts_, wanted, host, result, [this] { return Scratch(parts_); },
        [this](std::int32_t user, const ItemSet* seen, int count, Scratch& boards,
               std::vector<Scored>& list) {
            const StoredRatings stored = stored_ratings(parts_, user);
            if (!likes_something(stored.items, stored.values)) return false;
            float length;
            const Profile profile = profile_of(stored.items, stored.values, boards.terms, length);
            if (!(length > 0)) return false;
            add_up(profile, boards.items);
            rank_liked(parts_, seen, count, boards.items, list);
            return true;
        });
}

std::size_t ContentRecommender::best_for_users_memory(std::int64_t, int threads) const noexcept {
    return static_cast<std::size_t>(threads) *
           (ScoreBoard::memory(parts_.items.size()) + ScoreBoard::memory(parts_.postings.rows()));
}

std::optional<float> ContentRecommender::predict(const Taste& taste, std::int32_t item) const noexcept {
    if (!taste.personal || item == IdView::kNotFound) return std::nullopt;
    return product(taste.profile, parts_.neighbours.row(item));
}

// What the profile keeps of the item's terms, against those of each item that was rated.
Explanation ContentRecommender::explain(std::span<const std::int32_t> items, std::span<const float> values,
                                        std::int32_t item, Host&) {
    float length;
    const Profile profile = profile_of(items, values, scratch().terms, length);
    const SparseRow row = parts_.neighbours.row(item);
    Profile common;
    for (std::size_t k = 0; k < row.size(); k++) {
        if (!std::binary_search(profile.terms.begin(), profile.terms.end(), row.columns[k])) continue;
        common.terms.push_back(row.columns[k]);
        common.weights.push_back(row.values[k]);
    }
    Explanation result;
    for (std::size_t k = 0; k < items.size(); k++) {
        const double likeness = product(common, parts_.neighbours.row(items[k]));
        result.contributions.push_back(length > 0 ? values[k] * likeness / length : 0);
    }
    return result;
}

std::vector<TasteTerm> ContentRecommender::terms_of(const Taste& taste) const {
    const Profile& profile = taste.profile;
    std::vector<std::uint64_t> strongest;
    for (std::size_t k = 0; k < profile.terms.size(); k++)
        strongest.push_back(strength(profile.weights[k], profile.terms[k]));
    keep_strongest(strongest, strongest.size());
    std::vector<TasteTerm> result;
    for (const std::uint64_t next : strongest) {
        const std::int32_t term = term_of(next);
        const auto place = std::lower_bound(profile.terms.begin(), profile.terms.end(), term);
        const SparseRow items = parts_.postings.row(term);
        TasteTerm told{parts_.terms.at(term).bytes,
                       profile.weights[static_cast<std::size_t>(place - profile.terms.begin())],
                       has_both_signs(items.values), 0, 0};
        for (std::size_t k = 0; k < taste.items.size(); k++)
            if (std::binary_search(items.columns.begin(), items.columns.end(), taste.items[k]))
                ++(taste.values[k] > 0 ? told.liked : told.disliked);
        result.push_back(told);
    }
    return result;
}

void ContentRecommender::similar_items(std::int32_t item, int k, std::vector<Scored>& result) const {
    const SparseRow row = parts_.neighbours.row(item);
    ScoreBoard items(parts_.items.size(), false);
    add_up({{row.columns.begin(), row.columns.end()}, {row.values.begin(), row.values.end()}}, items);
    Best best;
    best.reset(k, parts_.items.size());
    items.offer_positive(best, [item](std::int32_t other) { return other == item; });
    const auto ranked = best.finish();
    result.assign(ranked.begin(), ranked.end());
}

void ContentRecommender::similar_users(const Taste&, std::int32_t, int, std::vector<Scored>&) const {
    throw InvalidInput("a model of content knows no similar users", "Ask a model that train_mf made.");
}

}  // namespace personalize::core
