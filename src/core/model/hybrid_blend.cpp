// How a hybrid's components are heard: their voices, the scale of each, and what they make together.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/model/hybrid_recommender.hpp"

namespace personalize::core {

std::vector<HybridRecommender::Voice> HybridRecommender::heard(const std::vector<Taste>& parts) const {
    std::vector<Voice> voices;
    const auto hear = [&](std::size_t c, float weight) {
        if (!parts[c].personal) return;
        Voice voice = voice_of(c, weight, parts[c]);
        if (voice.slope != 0) voices.push_back(std::move(voice));
    };
    for (std::size_t c = 0; c < parts.size(); c++)
        if (components_[c].weight > 0) hear(c, components_[c].weight);
    for (std::size_t c = 0; c < parts.size() && voices.empty(); c++)
        if (components_[c].weight == 0) hear(c, 1);
    return voices;
}

// A component to which all items are alike says nothing.
void HybridRecommender::scale(const ScoreMoments& moments, Voice& voice) noexcept {
    const double slope = voice.weight / moments.deviation;
    const bool speaks = moments.deviation > 0 && slope <= std::numeric_limits<float>::max();
    voice.mean = speaks ? static_cast<float>(moments.mean) : 0;
    voice.slope = speaks ? static_cast<float>(slope) : 0;
}

std::vector<float> HybridRecommender::scores_of(std::size_t c, const Taste& taste) const {
    std::vector<float> own(components_[c].items.size());
    recommenders_[c]->all_scores(taste, own);
    return own;
}

HybridRecommender::Voice HybridRecommender::voice_of(std::size_t c, float weight, const Taste& taste) const {
    Voice voice{c, weight, 0, weight, {}};
    if (predicts_ratings()) return voice;
    const Component& component = components_[c];
    if (component.moments.empty()) {
        voice.scores = scores_of(c, taste);
        scale(score_moments(voice.scores), voice);
    } else {
        const auto width = static_cast<std::size_t>(component.parts.item_factors.width);
        scale(score_moments(component.moments, {taste.factor.row(0), width}, component.parts.offset()),
              voice);
    }
    if (component_may_be_silent(c)) voice.mean = 0;
    return voice;
}

// The widest of those that know all and whose factors stay finite, where a sum of scores is a score.
void HybridRecommender::choose_factors(const std::vector<Voice>& voices, Taste& blended) const {
    const auto knows_all = [this](const Voice& voice) { return this->knows_all(voice.component); };
    if (predicts_ratings() && !std::all_of(voices.begin(), voices.end(), knows_all)) return;
    int widest = 0;
    for (const Voice& voice : voices) {
        const int width = components_[voice.component].parts.item_factors.width;
        if (!knows_all(voice) || width <= widest) continue;
        const float* const own = blended.parts[voice.component].factor.row(0);
        if (!std::all_of(own, own + width, [&](float x) { return std::isfinite(voice.slope * x); })) continue;
        widest = width;
        blended.by_factors = static_cast<int>(voice.component);
    }
}

void HybridRecommender::take_factors(const Voice& voice, Taste& blended) const {
    const Taste& taste = blended.parts[voice.component];
    const std::span own(taste.factor.row(0), static_cast<std::size_t>(taste.factor.width()));
    blended.factor = Factors(1, taste.factor.width());
    std::transform(own.begin(), own.end(), blended.factor.row(0), [&](float x) { return voice.slope * x; });
    blended.offset = voice.slope * (components_[voice.component].parts.offset() - voice.mean);
}

std::vector<float> HybridRecommender::added_by(Voice& voice, const Taste& taste) const {
    std::vector<float> own =
        voice.scores.empty() ? scores_of(voice.component, taste) : std::move(voice.scores);
    for (float& score : own) score = voice.slope * (score - voice.mean);
    if (knows_all(voice.component)) return own;
    std::vector<float> all(static_cast<std::size_t>(parts_.items.size()));
    const auto items = components_[voice.component].items;
    for (std::size_t k = 0; k < own.size(); k++) all[items[k]] = own[k];
    return all;
}

// is_mean: each item's sum is divided by the weights of those that know it.
void HybridRecommender::sum_up(const std::vector<Voice>& voices, bool is_mean, Taste& blended) const {
    if (blended.addends.size() == 1 && !is_mean) return;
    blended.sums.assign(static_cast<std::size_t>(parts_.items.size()), 0);
    for (const Taste::Addend& addend : blended.addends)
        for (std::size_t i = 0; i < blended.sums.size(); i++) blended.sums[i] += addend.scores[i];
    if (!is_mean) return;
    std::vector<float> weights(blended.sums.size());
    for (const Voice& voice : voices)
        for (const std::int32_t item : components_[voice.component].items) weights[item] += voice.weight;
    for (std::size_t i = 0; i < weights.size(); i++)
        if (weights[i] > 0) blended.sums[i] /= weights[i];
}

Taste HybridRecommender::blended(std::vector<Taste> parts) const {
    std::vector<Voice> voices = heard(parts);
    return blend(std::move(parts), std::move(voices));
}

Taste HybridRecommender::blend(std::vector<Taste> parts, std::vector<Voice> voices) const {
    Taste result;
    result.parts = std::move(parts);
    result.personal = !voices.empty();
    if (!result.personal) return result;
    choose_factors(voices, result);
    const bool by_factors = result.by_factors >= 0;
    const float all = std::accumulate(voices.begin(), voices.end(), 0.f,
                                      [](float sum, const Voice& voice) { return sum + voice.weight; });
    for (Voice& voice : voices) {
        if (predicts_ratings() && by_factors) voice.slope /= all;
        if (static_cast<int>(voice.component) == result.by_factors)
            take_factors(voice, result);
        else
            result.addends.push_back({voice.component, added_by(voice, result.parts[voice.component])});
    }
    sum_up(voices, predicts_ratings() && !by_factors, result);
    return result;
}

HybridRecommender::Voices HybridRecommender::voices(std::int32_t user) const {
    constexpr float kUnknown = std::numeric_limits<float>::quiet_NaN();
    Voices result{stored_tastes(user), {}};
    for (std::size_t c = 0; c < components_.size(); c++) {
        auto& scores = result.scores.emplace_back(static_cast<std::size_t>(parts_.items.size()), kUnknown);
        if (!result.tastes[c].personal) continue;
        Voice voice = voice_of(c, 1, result.tastes[c]);
        if (voice.slope == 0) continue;
        const std::vector<float> known = added_by(voice, result.tastes[c]);
        for (const std::int32_t item : components_[c].items) scores[item] = known[item];
    }
    return result;
}

}  // namespace personalize::core
