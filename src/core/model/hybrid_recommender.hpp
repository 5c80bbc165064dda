// Hybrids: a weighted blend of what several models say.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/model/hybrid_components.hpp"
#include "core/model/recommender.hpp"
#include "core/ranking/score_moments.hpp"

namespace personalize::core {

// With s_c(u, i) the score that component c gives an item, and w_c its weight:
// - implicit: score_ui = sum_c w_c z_c(u, i), where z_c = (s_c - mean) / deviation over all items that c
//   knows, so that scores of different kinds of models can be added (Christoffel 2015 blends alike), and 0 of
//   one that c does not know. Components that say nothing of an item by the score 0 (may_be_silent()) have
//   z_c = s_c / deviation, so that what nobody speaks of has the score 0;
// - explicit, where all components predict ratings: r_ui = sum_c w_c s_c / sum_c w_c over those that know i.
// Components without a taste for the user have no voice, nor have, in implicit feedback, those to which all
// items are alike. Where none of those with a weight has one, the first of all that has one speaks alone.
// Where none has, the user has no taste. Lists are of the items that a voice knows, without those of a score
// below 0 where all voices may be silent; equal ones are by popularity, but by index where factors rank.
// Means and deviations of models of factors come from the moments of their items (score_moments.hpp). One of
// them that knows every item is not blended with the others: its factors are scaled to their scale, and lists
// are made by its index of items, with what the others say added.
class HybridRecommender : public Recommender {
  public:
    explicit HybridRecommender(const ModelParts& parts);

    // From what has no encoding of its own a hybrid cannot tell its components' tastes: both throw
    // InvalidInput. Ask current_taste() and explain_current().
    Taste taste(std::span<const std::int32_t> items, std::span<const float> values) override;
    Explanation explain(std::span<const std::int32_t> items, std::span<const float> values, std::int32_t item,
                        Host& host) override;

    Taste current_taste(const UserHistory& history) override;
    Taste stored_taste(std::int32_t user) const override;
    bool has_stored_taste(std::int32_t user) const override;
    void all_scores(const Taste& taste, std::span<float> scores) const override;
    void best_items(const Taste& taste, const ItemSet* excluded, int k, std::vector<Scored>& result) override;
    void best_candidates(const Taste& taste, const ItemSet* excluded,
                         std::span<const std::int32_t> candidates, int k,
                         std::vector<Scored>& result) const override;
    // Whether a voice speaks of it.
    bool is_personal(const Taste& taste, const Scored& item) const noexcept override;
    // "personal (name of the component that adds most to the item's score)"
    std::string reason(const Taste& taste, std::int32_t item) const override;
    void best_for_users(const ListsRequest& wanted, Host& host, std::vector<Scored>& result) const override;
    std::size_t best_for_users_memory(std::int64_t users, int threads) const noexcept override;
    std::optional<float> predict(const Taste& taste, std::int32_t item) const noexcept override;
    ItemExplanation explain_current(const UserHistory& history, std::int32_t item, Host& host) override;
    // Of the component of greatest weight that has any.
    std::vector<TasteTerm> terms_of(const Taste& taste) const override;
    // Of the component of greatest weight that knows both items, the item, or similar users.
    double similarity(std::int32_t a, std::int32_t b) const override;
    void similar_items(std::int32_t item, int k, std::vector<Scored>& result) const override;
    void similar_users(const Taste& taste, std::int32_t self, int k,
                       std::vector<Scored>& result) const override;

    std::size_t components() const noexcept { return components_.size(); }
    bool component_may_be_silent(std::size_t component) const noexcept {
        return recommenders_[component]->may_be_silent();
    }
    // For choosing weights: a user's taste as each component has stored it, and the scores that it adds,
    // times its weight, by the hybrid's items; NaN where it has no voice or does not know the item.
    struct Voices {
        std::vector<Taste> tastes;
        std::vector<std::vector<float>> scores;
    };
    Voices voices(std::int32_t user) const;
    // Explicit: the rating of an item (or kNotFound) that no component with a weight and a taste knows, not
    // clipped; `tastes` may be empty.
    float rating_of_unknown(const std::vector<Taste>& tastes, std::span<const float> weights,
                            std::int32_t item) const noexcept;

  private:
    // How a component's scores enter the blend: slope (score - mean).
    struct Voice {
        std::size_t component;
        float weight, mean, slope;
        std::vector<float> scores;  // of its items, where its slope needed them
    };

    bool predicts_ratings() const noexcept { return parts_.rule.feedback == Feedback::explicit_feedback; }
    bool knows_all(std::size_t component) const noexcept {
        return std::ssize(components_[component].items) == parts_.items.size();
    }
    std::vector<Voice> heard(const std::vector<Taste>& parts) const;
    // Of a personal taste; of slope 0 where all items are alike to it.
    Voice voice_of(std::size_t component, float weight, const Taste& taste) const;
    static void scale(const ScoreMoments& moments, Voice& voice) noexcept;
    std::vector<float> scores_of(std::size_t component, const Taste& taste) const;
    void choose_factors(const std::vector<Voice>& voices, Taste& blended) const;
    void take_factors(const Voice& voice, Taste& blended) const;
    // To each of the hybrid's items, 0 where the component does not know it.
    std::vector<float> added_by(Voice& voice, const Taste& taste) const;
    void sum_up(const std::vector<Voice>& voices, bool is_mean, Taste& blended) const;
    Taste blend(std::vector<Taste> parts, std::vector<Voice> voices) const;
    Taste blended(std::vector<Taste> parts) const;  // with the voices that are heard
    bool knows(std::size_t component, std::int32_t item) const noexcept {
        return knows_all(component) || own_item(component, item) != IdView::kNotFound;
    }
    bool speaks(const Taste::Addend& addend, std::int32_t item) const noexcept {
        return knows(addend.component, item) &&
               (addend.scores[item] != 0 || !component_may_be_silent(addend.component));
    }
    float least_listed(const Taste& taste) const noexcept;
    // Whether it is in lists.
    bool is_known(const Taste& taste, std::int32_t item) const noexcept;
    float score(const Taste& taste, std::int32_t item) const noexcept;
    Observations observations(const UserHistory& history, std::size_t component) const;
    std::vector<Taste> stored_tastes(std::int32_t user) const;
    std::vector<Taste> current_tastes(const UserHistory& history);
    std::int32_t own_item(std::size_t component, std::int32_t item) const noexcept;
    std::int32_t own_user(std::size_t component, std::int32_t user) const noexcept;
    std::vector<std::size_t> by_weight() const;
    void rank(const Taste& taste, const ItemSet* excluded, int k, std::vector<Scored>& result) const;

    const std::vector<Component> components_;
    std::vector<std::unique_ptr<Recommender>> recommenders_;
};

}  // namespace personalize::core
