#include "core/model/hybrid_recommender.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <numeric>

#include "core/model/liked_items.hpp"
#include "core/runtime/error.hpp"

namespace personalize::core {

namespace {

// What is added to each item beside factors.
std::span<const float> sums_of(const Taste& taste) noexcept {
    return taste.sums.empty() ? taste.addends.front().scores : taste.sums;
}

[[noreturn]] void needs_histories() {
    throw InvalidInput("a hybrid cannot be asked with encoded ratings", "Ask one of its components.");
}

}  // namespace

HybridRecommender::HybridRecommender(const ModelParts& parts)
    : Recommender(parts), components_(open_components(parts.payload, parts.users.size())) {
    for (const Component& component : components_) recommenders_.push_back(make_recommender(component.parts));
}

std::int32_t HybridRecommender::own_item(std::size_t c, std::int32_t item) const noexcept {
    const auto items = components_[c].items;
    const auto found = std::lower_bound(items.begin(), items.end(), item);
    return found != items.end() && *found == item ? static_cast<std::int32_t>(found - items.begin())
                                                  : IdView::kNotFound;
}

std::int32_t HybridRecommender::own_user(std::size_t c, std::int32_t user) const noexcept {
    return user == IdView::kNotFound ? user : components_[c].users[user];
}

Taste HybridRecommender::taste(std::span<const std::int32_t>, std::span<const float>) { needs_histories(); }

Explanation HybridRecommender::explain(std::span<const std::int32_t>, std::span<const float>, std::int32_t,
                                       Host&) {
    needs_histories();
}

// By the component's own items.
Observations HybridRecommender::observations(const UserHistory& history, std::size_t c) const {
    Observations told = history.observations(components_[c].parts.rule), known;
    told.user = own_user(c, told.user);
    if (knows_all(c)) return told;
    known.user = told.user;
    for (std::size_t k = 0; k < told.items.size(); k++) {
        const std::int32_t item = own_item(c, told.items[k]);
        if (item == IdView::kNotFound) continue;
        known.items.push_back(item);
        known.values.push_back(told.values[k]);
    }
    return known;
}

std::vector<Taste> HybridRecommender::current_tastes(const UserHistory& history) {
    std::vector<Taste> tastes;
    for (std::size_t c = 0; c < components_.size(); c++) {
        const Observations known = observations(history, c);
        tastes.push_back(known.items.empty() ? Taste() : recommenders_[c]->taste_of(known));
    }
    return tastes;
}

Taste HybridRecommender::current_taste(const UserHistory& history) {
    return blended(current_tastes(history));
}

std::vector<Taste> HybridRecommender::stored_tastes(std::int32_t user) const {
    std::vector<Taste> tastes;
    for (std::size_t c = 0; c < components_.size(); c++) {
        const std::int32_t own = own_user(c, user);
        tastes.push_back(own == IdView::kNotFound ? Taste() : recommenders_[c]->stored_taste(own));
    }
    return tastes;
}

Taste HybridRecommender::stored_taste(std::int32_t user) const { return blended(stored_tastes(user)); }

// Components whose moments are known tell without scoring items.
bool HybridRecommender::has_stored_taste(std::int32_t user) const {
    const auto has_voice = [&](std::size_t c) {
        const std::int32_t own = own_user(c, user);
        if (own == IdView::kNotFound || !recommenders_[c]->has_stored_taste(own)) return false;
        const float weight = components_[c].weight > 0 ? components_[c].weight : 1;
        return predicts_ratings() || voice_of(c, weight, recommenders_[c]->stored_taste(own)).slope != 0;
    };
    for (const bool is_fast : {true, false})
        for (std::size_t c = 0; c < components_.size(); c++)
            if (components_[c].moments.empty() != is_fast && has_voice(c)) return true;
    return false;
}

// As top_sums() adds them.
float HybridRecommender::score(const Taste& taste, std::int32_t item) const noexcept {
    const float others = sums_of(taste)[item];
    if (taste.by_factors < 0) return others;
    const FactorsView items = components_[taste.by_factors].parts.item_factors;
    return others + core::score(items, taste.factor.row(0), taste.offset, item);
}

bool HybridRecommender::is_known(const Taste& taste, std::int32_t item) const noexcept {
    return taste.by_factors >= 0 ||
           std::any_of(taste.addends.begin(), taste.addends.end(),
                       [&](const Taste::Addend& addend) { return knows(addend.component, item); });
}

// Components alone leave out what their neighbours or terms speak against.
float HybridRecommender::least_listed(const Taste& taste) const noexcept {
    const auto may_be_silent = [this](const Taste::Addend& addend) {
        return component_may_be_silent(addend.component);
    };
    const bool by_likes =
        taste.by_factors < 0 && std::all_of(taste.addends.begin(), taste.addends.end(), may_be_silent);
    return by_likes ? 0 : -std::numeric_limits<float>::infinity();
}

void HybridRecommender::all_scores(const Taste& taste, std::span<float> scores) const {
    for (std::size_t i = 0; i < scores.size(); i++) scores[i] = score(taste, static_cast<std::int32_t>(i));
}

void HybridRecommender::rank(const Taste& taste, const ItemSet* excluded, int k,
                             std::vector<Scored>& result) const {
    const std::span<const float> sums = sums_of(taste);
    if (taste.by_factors >= 0) {
        const ModelParts& parts = components_[taste.by_factors].parts;
        return top_sums(parts.item_factors, parts.item_index, taste.factor.row(0), taste.offset, sums.data(),
                        excluded, k, result);
    }
    rank_in_order(
        parts_.popular_order, k, [sums](std::int32_t item) { return sums[item]; },
        [&, least = least_listed(taste)](std::int32_t item, float value) {
            return value >= least && !is_excluded(excluded, item) && is_known(taste, item);
        },
        result);
}

void HybridRecommender::best_items(const Taste& taste, const ItemSet* excluded, int k,
                                   std::vector<Scored>& result) {
    rank(taste, excluded, k, result);
}

void HybridRecommender::best_candidates(const Taste& taste, const ItemSet* excluded,
                                        std::span<const std::int32_t> candidates, int k,
                                        std::vector<Scored>& result) const {
    std::vector<std::int32_t> items = distinct(candidates);
    if (taste.by_factors < 0)
        std::ranges::stable_sort(items, std::ranges::greater(),
                                 [this](std::int32_t item) { return parts_.popularity[item]; });
    rank_in_order(
        items, k, [&](std::int32_t item) { return score(taste, item); },
        [&, least = least_listed(taste)](std::int32_t item, float value) {
            return value >= least && is_known(taste, item) && !is_excluded(excluded, item);
        },
        result);
}

bool HybridRecommender::is_personal(const Taste& taste, const Scored& item) const noexcept {
    return taste.by_factors >= 0 ||
           std::any_of(taste.addends.begin(), taste.addends.end(),
                       [&](const Taste::Addend& addend) { return speaks(addend, item.index); });
}

std::string HybridRecommender::reason(const Taste& taste, std::int32_t item) const {
    std::size_t speaker = 0;
    float most = -std::numeric_limits<float>::infinity();
    const auto hear = [&](std::size_t c, float adds) {
        const float strength = predicts_ratings() ? components_[c].weight : adds;
        if (!(strength > most) && !(strength == most && c < speaker)) return;
        most = strength;
        speaker = c;
    };
    for (const Taste::Addend& addend : taste.addends)
        if (speaks(addend, item)) hear(addend.component, addend.scores[item]);
    if (taste.by_factors >= 0)
        hear(static_cast<std::size_t>(taste.by_factors), score(taste, item) - sums_of(taste)[item]);
    return "personal (" + std::string(components_[speaker].name) + ")";
}

void HybridRecommender::best_for_users(const ListsRequest& wanted, Host& host,
                                       std::vector<Scored>& result) const {
    struct Nothing {};
    lists_for_users(
        parts_, wanted, host, result, [] { return Nothing(); },
        [this](std::int32_t user, const ItemSet* seen, int count, Nothing&, std::vector<Scored>& list) {
            const Taste taste = stored_taste(user);
            if (taste.personal) rank(taste, seen, count, list);
            return taste.personal;
        });
}

// Of each thread: what each component adds, before it is spread over all items and then, their sums and
// weights; what a component needs besides, as it would for itself.
std::size_t HybridRecommender::best_for_users_memory(std::int64_t, int threads) const noexcept {
    std::size_t of_components = 0;
    for (const auto& recommender : recommenders_)
        of_components = std::max(of_components, recommender->best_for_users_memory(1, 1));
    const auto own = static_cast<std::size_t>(parts_.items.size()) * (components() + 3) * sizeof(float);
    return static_cast<std::size_t>(threads) * (own + of_components);
}

std::optional<float> HybridRecommender::predict(const Taste& taste, std::int32_t item) const noexcept {
    const bool spoken = taste.personal && item != IdView::kNotFound && is_known(taste, item);
    if (!predicts_ratings()) return spoken ? std::optional(score(taste, item)) : std::nullopt;
    std::array<float, kMostComponents> weights;
    for (std::size_t c = 0; c < components_.size(); c++) weights[c] = components_[c].weight;
    const float rating = spoken ? score(taste, item) : rating_of_unknown(taste.parts, weights, item);
    return std::clamp(rating, parts_.rule.lowest, parts_.rule.highest);
}

float HybridRecommender::rating_of_unknown(const std::vector<Taste>& tastes, std::span<const float> weights,
                                           std::int32_t item) const noexcept {
    static const Taste kNone;
    float sum = 0, total = 0;
    for (std::size_t c = 0; c < components_.size(); c++) {
        const std::int32_t own = item == IdView::kNotFound ? item : own_item(c, item);
        sum += weights[c] * *recommenders_[c]->predict(tastes.empty() ? kNone : tastes[c], own);
        total += weights[c];
    }
    return sum / total;
}

ItemExplanation HybridRecommender::explain_current(const UserHistory& history, std::int32_t item,
                                                   Host& host) {
    std::vector<Taste> tastes = current_tastes(history);
    const std::vector<Voice> voices = heard(tastes);
    if (voices.empty()) return {};
    ItemExplanation result;
    result.items.assign(history.seen().begin(), history.seen().end());
    std::vector<double>& contributions = result.explanation.contributions;
    contributions.assign(result.items.size(), 0);
    double weights = 0;
    for (const Voice& voice : voices) {
        const std::size_t c = voice.component;
        const std::int32_t own = own_item(c, item);
        if (own == IdView::kNotFound) continue;
        const Observations known = observations(history, c);
        const Explanation part = recommenders_[c]->explain_told(known, own, host);
        result.explanation.baseline += voice.slope * (part.baseline - voice.mean);
        for (std::size_t k = 0; k < known.items.size(); k++) {
            const std::int32_t of_hybrid = components_[c].items[known.items[k]];
            const auto place = std::lower_bound(result.items.begin(), result.items.end(), of_hybrid);
            contributions[static_cast<std::size_t>(place - result.items.begin())] +=
                voice.slope * part.contributions[k];
        }
        weights += voice.weight;
    }
    if (weights == 0) return {};
    if (predicts_ratings()) {
        for (double& contribution : contributions) contribution /= weights;
        result.explanation.baseline /= weights;
    }
    // Slopes make much of the roundings of components where all items are nearly alike.
    share_rounding(score(blend(std::move(tastes), voices), item), result.explanation);
    return result;
}

// The greatest first; of equal ones in their order.
std::vector<std::size_t> HybridRecommender::by_weight() const {
    std::vector<std::size_t> order(components_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
        return components_[a].weight > components_[b].weight;
    });
    return order;
}

std::vector<TasteTerm> HybridRecommender::terms_of(const Taste& taste) const {
    for (const std::size_t c : by_weight()) {
        if (c >= taste.parts.size() || !taste.parts[c].personal) continue;
        auto terms = recommenders_[c]->terms_of(taste.parts[c]);
        if (!terms.empty()) return terms;
    }
    return {};
}

double HybridRecommender::similarity(std::int32_t a, std::int32_t b) const {
    for (const std::size_t c : by_weight()) {
        const std::int32_t x = own_item(c, a), y = own_item(c, b);
        if (x != IdView::kNotFound && y != IdView::kNotFound) return recommenders_[c]->similarity(x, y);
    }
    return 0;
}

void HybridRecommender::similar_items(std::int32_t item, int k, std::vector<Scored>& result) const {
    for (const std::size_t c : by_weight()) {
        const std::int32_t own = own_item(c, item);
        if (own == IdView::kNotFound) continue;
        recommenders_[c]->similar_items(own, k, result);
        for (Scored& similar : result) similar.index = components_[c].items[similar.index];
        return;
    }
    result.clear();
}

void HybridRecommender::similar_users(const Taste& taste, std::int32_t self, int k,
                                      std::vector<Scored>& result) const {
    bool is_known = false;
    for (const std::size_t c : by_weight()) {
        const ModelKind kind = components_[c].parts.kind;
        if (kind != ModelKind::factors && kind != ModelKind::user_neighbours) continue;
        is_known = true;
        if (!taste.parts[c].personal) continue;
        recommenders_[c]->similar_users(taste.parts[c], own_user(c, self), k, result);
        for (Scored& similar : result)
            similar.index = parts_.users.find(components_[c].parts.users.at(similar.index));
        return;
    }
    if (!is_known)
        throw InvalidInput("none of the hybrid's components knows similar users",
                           "Ask a model that train_mf or train_knn(based_on => 'user') made.");
    result.clear();
}

}  // namespace personalize::core
