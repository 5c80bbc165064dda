#include "core/model/hybrid_recommender.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/model/liked_items.hpp"
#include "core/ranking/best.hpp"
#include "core/runtime/error.hpp"

namespace personalize::core {

namespace {

struct Moments {
    double mean, deviation;
};

// Added in lanes of a fixed number, so that the order is the same everywhere.
Moments moments(std::span<const float> scores) noexcept {
    constexpr std::size_t kLanesOfSum = 8;
    std::array<double, kLanesOfSum> sum{}, squares{};
    const float shift = scores.front();
    std::size_t k = 0;
    const auto add = [&](std::size_t lane, float score) {
        const double x = static_cast<double>(score) - shift;
        sum[lane] += x;
        squares[lane] += x * x;
    };
    for (; k + kLanesOfSum <= scores.size(); k += kLanesOfSum)
        for (std::size_t lane = 0; lane < kLanesOfSum; lane++) add(lane, scores[k + lane]);
    for (; k < scores.size(); k++) add(0, scores[k]);
    const auto n = static_cast<double>(scores.size());
    const double mean = std::accumulate(sum.begin(), sum.end(), 0.0) / n;
    const double variance = std::accumulate(squares.begin(), squares.end(), 0.0) / n - mean * mean;
    return {shift + mean, std::sqrt(std::max(variance, 0.0))};
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

std::vector<HybridRecommender::Voice> HybridRecommender::speaking(const std::vector<Taste>& parts) const {
    std::vector<Voice> voices;
    for (std::size_t c = 0; c < parts.size(); c++)
        if (parts[c].personal && components_[c].weight > 0)
            voices.push_back({c, components_[c].weight, 0, components_[c].weight});
    const auto first =
        std::find_if(parts.begin(), parts.end(), [](const Taste& taste) { return taste.personal; });
    if (voices.empty() && first != parts.end())
        voices.push_back({static_cast<std::size_t>(first - parts.begin()), 1, 0, 1});
    return voices;
}

// A component to which all items are alike says nothing.
void HybridRecommender::scale(std::span<const float> scores, Voice& voice) const noexcept {
    if (predicts_ratings()) return;
    const Moments of_scores = moments(scores);
    const double slope = voice.weight / of_scores.deviation;
    voice.mean = static_cast<float>(of_scores.mean);
    voice.slope =
        of_scores.deviation > 0 && slope <= std::numeric_limits<float>::max() ? static_cast<float>(slope) : 0;
}

Taste HybridRecommender::blend(std::vector<Taste> parts) const {
    const auto items = static_cast<std::size_t>(parts_.items.size());
    std::vector<Voice> voices = speaking(parts);
    Taste result;
    result.parts = std::move(parts);
    if (voices.empty()) return result;
    result.personal = true;
    result.scores.assign(items, 0);
    result.spoken_by.assign(items, Taste::kNobody);
    std::vector<float> own, strongest(items), weights(predicts_ratings() ? items : 0);
    for (Voice& voice : voices) {
        const auto indexes = components_[voice.component].items;
        own.resize(indexes.size());
        recommenders_[voice.component]->all_scores(result.parts[voice.component], own);
        scale(own, voice);
        for (std::size_t k = 0; k < own.size(); k++) {
            const std::int32_t item = indexes[k];
            const float part = voice.slope * (own[k] - voice.mean);
            const float strength = predicts_ratings() ? voice.weight : part;
            if (result.spoken_by[item] == Taste::kNobody || strength > strongest[item]) {
                result.spoken_by[item] = static_cast<std::uint8_t>(voice.component);
                strongest[item] = strength;
            }
            result.scores[item] += part;
            if (predicts_ratings()) weights[item] += voice.weight;
        }
    }
    for (std::size_t i = 0; i < weights.size(); i++)
        if (weights[i] > 0) result.scores[i] /= weights[i];
    return result;
}

std::vector<std::vector<float>> HybridRecommender::voices(std::int32_t user) const {
    const std::vector<Taste> tastes = stored_tastes(user);
    const auto items = static_cast<std::size_t>(parts_.items.size());
    std::vector<std::vector<float>> result(components_.size());
    std::vector<float> own;
    for (std::size_t c = 0; c < components_.size(); c++) {
        result[c].assign(items, std::numeric_limits<float>::quiet_NaN());
        if (!tastes[c].personal) continue;
        own.resize(components_[c].items.size());
        recommenders_[c]->all_scores(tastes[c], own);
        Voice voice{c, 1, 0, 1};
        scale(own, voice);
        for (std::size_t k = 0; k < own.size(); k++)
            result[c][components_[c].items[k]] = voice.slope * (own[k] - voice.mean);
    }
    return result;
}

Taste HybridRecommender::taste(std::span<const std::int32_t>, std::span<const float>) { needs_histories(); }

Explanation HybridRecommender::explain(std::span<const std::int32_t>, std::span<const float>, std::int32_t,
                                       Host&) {
    needs_histories();
}

// By the component's own items.
Observations HybridRecommender::observations(const UserHistory& history, std::size_t c) const {
    Observations told = history.observations(components_[c].parts.rule), known;
    known.user = own_user(c, told.user);
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

Taste HybridRecommender::current_taste(const UserHistory& history) { return blend(current_tastes(history)); }

std::vector<Taste> HybridRecommender::stored_tastes(std::int32_t user) const {
    std::vector<Taste> tastes;
    for (std::size_t c = 0; c < components_.size(); c++) {
        const std::int32_t own = own_user(c, user);
        tastes.push_back(own == IdView::kNotFound ? Taste() : recommenders_[c]->stored_taste(own));
    }
    return tastes;
}

Taste HybridRecommender::stored_taste(std::int32_t user) const { return blend(stored_tastes(user)); }

bool HybridRecommender::has_stored_taste(std::int32_t user) const noexcept {
    for (std::size_t c = 0; c < components_.size(); c++) {
        const std::int32_t own = own_user(c, user);
        if (own != IdView::kNotFound && recommenders_[c]->has_stored_taste(own)) return true;
    }
    return false;
}

void HybridRecommender::all_scores(const Taste& taste, std::span<float> scores) const {
    std::copy(taste.scores.begin(), taste.scores.end(), scores.begin());
}

void HybridRecommender::rank(const Taste& taste, const ItemSet* excluded, int k,
                             std::vector<Scored>& result) const {
    Best best;
    best.reset(k, parts_.items.size());
    for (std::size_t i = 0; i < taste.scores.size(); i++) {
        const auto item = static_cast<std::int32_t>(i);
        if (!(taste.scores[i] >= best.threshold()) || taste.spoken_by[i] == Taste::kNobody) continue;
        if (excluded == nullptr || !excluded->contains(item)) best.offer(item, taste.scores[i]);
    }
    const auto ranked = best.finish();
    result.assign(ranked.begin(), ranked.end());
}

void HybridRecommender::best_items(const Taste& taste, const ItemSet* excluded, int k,
                                   std::vector<Scored>& result) {
    rank(taste, excluded, k, result);
}

void HybridRecommender::best_candidates(const Taste& taste, const ItemSet* excluded,
                                        std::span<const std::int32_t> candidates, int k,
                                        std::vector<Scored>& result) const {
    const std::vector<std::int32_t> items = distinct(candidates);
    Best best;
    best.reset(k, std::ssize(items));
    for (const std::int32_t item : items)
        if (taste.spoken_by[item] != Taste::kNobody && (excluded == nullptr || !excluded->contains(item)))
            best.offer(item, taste.scores[item]);
    const auto ranked = best.finish();
    result.assign(ranked.begin(), ranked.end());
}

std::string HybridRecommender::reason(const Taste& taste, std::int32_t item) const {
    return "personal (" + std::string(components_[taste.spoken_by[item]].name) + ")";
}

void HybridRecommender::best_for_users(std::span<const std::int32_t> users, bool exclude_seen, int k,
                                       int threads, Host& host, std::vector<Scored>& result) const {
    struct Nothing {};
    lists_for_users(
        parts_, users, exclude_seen, k, threads, host, result, [] { return Nothing(); },
        [this](std::int32_t user, const ItemSet* seen, int count, Nothing&, std::vector<Scored>& list) {
            rank(stored_taste(user), seen, count, list);
        });
}

// Of each thread: the blended scores, those of one component, the weights and the strongest voices; what a
// component needs besides, as it would for itself.
std::size_t HybridRecommender::best_for_users_memory(std::int64_t, int threads) const noexcept {
    std::size_t of_components = 0;
    for (const auto& recommender : recommenders_)
        of_components = std::max(of_components, recommender->best_for_users_memory(1, 1));
    const auto own = static_cast<std::size_t>(parts_.items.size()) * (4 * sizeof(float) + 1);
    return static_cast<std::size_t>(threads) * (own + of_components);
}

std::optional<float> HybridRecommender::predict(const Taste& taste, std::int32_t item) const noexcept {
    const bool spoken =
        taste.personal && item != IdView::kNotFound && taste.spoken_by[item] != Taste::kNobody;
    if (!predicts_ratings()) return spoken ? std::optional(taste.scores[item]) : std::nullopt;
    float rating = 0, weights = 0;
    if (spoken) {
        rating = taste.scores[item];
        weights = 1;
    }
    static const Taste kNone;
    for (std::size_t c = 0; c < components_.size() && !spoken; c++) {
        const std::int32_t own = item == IdView::kNotFound ? item : own_item(c, item);
        const float weight = components_[c].weight;
        rating += weight * *recommenders_[c]->predict(taste.personal ? taste.parts[c] : kNone, own);
        weights += weight;
    }
    return std::clamp(rating / weights, parts_.rule.lowest, parts_.rule.highest);
}

ItemExplanation HybridRecommender::explain_current(const UserHistory& history, std::int32_t item,
                                                   Host& host) {
    const std::vector<Taste> tastes = current_tastes(history);
    ItemExplanation result;
    result.items.assign(history.seen().begin(), history.seen().end());
    std::vector<double>& contributions = result.explanation.contributions;
    contributions.assign(result.items.size(), 0);
    double weights = 0;
    std::vector<float> scores;
    for (Voice& voice : speaking(tastes)) {
        const std::size_t c = voice.component;
        const std::int32_t own = own_item(c, item);
        if (own == IdView::kNotFound) continue;
        scores.resize(components_[c].items.size());
        recommenders_[c]->all_scores(tastes[c], scores);
        scale(scores, voice);
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
    if (!predicts_ratings()) return result;
    for (double& contribution : contributions) contribution /= weights;
    result.explanation.baseline /= weights;
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
    for (const std::size_t c : by_weight()) {
        const ModelKind kind = components_[c].parts.kind;
        const bool knows = kind == ModelKind::factors || kind == ModelKind::user_neighbours;
        if (!knows || !taste.parts[c].personal) continue;
        recommenders_[c]->similar_users(taste.parts[c], own_user(c, self), k, result);
        for (Scored& similar : result)
            similar.index = parts_.users.find(components_[c].parts.users.at(similar.index));
        return;
    }
    throw InvalidInput("none of the hybrid's components knows similar users",
                       "Ask a model that train_mf made.");
}

}  // namespace personalize::core
