// Models of content: a user likes items that are like those that they liked.
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "core/model/recommender.hpp"
#include "core/model/score_board.hpp"

namespace personalize::core {

// With x_i the features of item i, of length 1, and v_uj what u's rating of j says, the profile of u is
// p_u = sum_j v_uj x_j, cut to its strongest terms and divided by its length, and score_ui = p_u . x_i.
// Popular items of score 0 follow those that anything speaks for.
class ContentRecommender : public Recommender {
  public:
    // A profile has so many terms at most, the strongest, and of these those only that occur in kPlaces
    // places together, or kPlacesPerItem times as many as there are items: that bounds what serving costs.
    static constexpr std::size_t kMostTerms = 64;
    static constexpr std::int64_t kPlaces = 16384;
    static constexpr double kPlacesPerItem = 1.5;

    using Recommender::Recommender;

    Taste taste(std::span<const std::int32_t> items, std::span<const float> values) override;
    Taste stored_taste(std::int32_t user) const override;
    bool has_stored_taste(std::int32_t user) const override;
    void all_scores(const Taste& taste, std::span<float> scores) const override;
    void best_items(const Taste& taste, const ItemSet* excluded, int k, std::vector<Scored>& result) override;
    void best_candidates(const Taste& taste, const ItemSet* excluded,
                         std::span<const std::int32_t> candidates, int k,
                         std::vector<Scored>& result) const override;
    bool may_be_silent() const noexcept override { return true; }
    void best_for_users(const ListsRequest& wanted, Host& host, std::vector<Scored>& result) const override;
    std::size_t best_for_users_memory(std::int64_t users, int threads) const noexcept override;
    std::optional<float> predict(const Taste& taste, std::int32_t item) const noexcept override;
    Explanation explain(std::span<const std::int32_t> items, std::span<const float> values, std::int32_t item,
                        Host& host) override;
    std::vector<TasteTerm> terms_of(const Taste& taste) const override;
    void similar_items(std::int32_t item, int k, std::vector<Scored>& result) const override;
    void similar_users(const Taste& taste, std::int32_t self, int k,
                       std::vector<Scored>& result) const override;

  private:
    // Something of which something is known.
    bool likes_something(std::span<const std::int32_t> items, std::span<const float> values) const noexcept;
    struct Scratch {
        explicit Scratch(const ModelParts& parts)
            : terms(parts.postings.rows(), false), items(parts.items.size(), false) {}
        ScoreBoard terms, items;
    };
    // `length`: of the profile before it was divided; 0 where nothing is known of what the user likes.
    Profile profile_of(std::span<const std::int32_t> items, std::span<const float> values, ScoreBoard& terms,
                       float& length) const;
    Taste profiled_taste(std::vector<std::int32_t> items, std::vector<float> values, ScoreBoard& terms) const;
    void add_up(const Profile& profile, ScoreBoard& items) const;
    Scratch& scratch();

    std::unique_ptr<Scratch> scratch_;  // made when it is needed
};

}  // namespace personalize::core
