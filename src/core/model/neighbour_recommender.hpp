// What models of neighbours have in common, whether these are items or users: sums that neighbours add to.
#pragma once

#include <memory>

#include "core/model/recommender.hpp"
#include "core/model/score_board.hpp"

namespace personalize::core {

// Implicit: the score is the sum; popular items of score 0 follow those that anything speaks for. Explicit
// (Koren 2010, "Factor in the Neighbors", eq. 3, with weights that need not be similarities):
//   r_ui = mean + b_u + b_i + sum / (weights + kWeightOfBaseline),
//   b_u = sum_j (v_uj - b_j) / (kUserDamping + |I_u|), j the items that u rated, v_uj what the ratings say.
// What sum and weights (absolute ones) are, each kind says.
class NeighbourRecommender : public Recommender {
  public:
    static constexpr float kUserDamping = 5, kWeightOfBaseline = .5f;
    // b_u of these ratings.
    static float user_offset(std::span<const std::int32_t> items, std::span<const float> values,
                             std::span<const float> item_offsets) noexcept;

    using Recommender::Recommender;

    Taste taste(std::span<const std::int32_t> items, std::span<const float> values) override;
    Taste stored_taste(std::int32_t user) const override;
    bool has_stored_taste(std::int32_t user) const override;
    void all_scores(const Taste& taste, std::span<float> scores) const override;
    void best_items(const Taste& taste, const ItemSet* excluded, int k, std::vector<Scored>& result) override;
    void best_candidates(const Taste& taste, const ItemSet* excluded,
                         std::span<const std::int32_t> candidates, int k,
                         std::vector<Scored>& result) const override;
    bool may_be_silent() const noexcept override { return !predicts_ratings(); }
    void best_for_users(const ListsRequest& wanted, Host& host, std::vector<Scored>& result) const override;
    std::size_t best_for_users_memory(std::int64_t users, int threads) const noexcept override;
    std::optional<float> predict(const Taste& taste, std::int32_t item) const noexcept override;

  protected:
    struct Sums {
        float sum = 0, weights = 0;
    };

    bool predicts_ratings() const noexcept { return parts_.rule.feedback == Feedback::explicit_feedback; }
    float user_offset(const Taste& taste) const noexcept;
    // mean + b_u + b_i of an item that is known; 0 of implicit feedback.
    float baseline(const Taste& taste, std::int32_t item) const noexcept;

  private:
    // Of every item, into the board.
    virtual void add_up(const Taste& taste, ScoreBoard& board) const = 0;
    // Of one item, added in the same order, so that both give the same bits.
    virtual Sums add_up(const Taste& taste, std::int32_t item) const noexcept = 0;

    float expected(float baseline, float sum, float weight) const noexcept;
    float score(const Taste& taste, std::int32_t item) const noexcept;
    void rank(const Taste& taste, const ItemSet* excluded, int k, ScoreBoard& board,
              std::vector<Scored>& result) const;
    void rank_expected(const Taste& taste, const ItemSet* excluded, int k, const ScoreBoard& board,
                       std::vector<Scored>& result) const;

    std::unique_ptr<ScoreBoard> board_;  // made when it is needed
};

}  // namespace personalize::core
