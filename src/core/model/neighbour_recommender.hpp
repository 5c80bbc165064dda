// Models of neighbours: what a user has rated speaks for the items near it.
#pragma once

#include <memory>

#include "core/model/recommender.hpp"
#include "core/model/score_board.hpp"

namespace personalize::core {

// With W[j][i], the weight with which item j speaks for item i, and v_uj what u's rating of j says:
// - implicit: score_ui = sum_j v_uj W[j][i]; popular items of score 0 follow those that anything speaks for;
// - explicit (Koren 2010, "Factor in the Neighbors", eq. 3, with weights that need not be similarities):
//   r_ui = mean + b_u + b_i + sum_j W[j][i] (v_uj - b_j - b_u) / (sum_j |W[j][i]| + kWeightOfBaseline),
//   b_u = sum_j (v_uj - b_j) / (kUserDamping + |I_u|).
class ItemNeighbourRecommender : public Recommender {
  public:
    static constexpr float kUserDamping = 5, kWeightOfBaseline = .5f;

    using Recommender::Recommender;

    Taste taste(std::span<const std::int32_t> items, std::span<const float> values) override;
    Taste stored_taste(std::int32_t user) const override;
    bool has_stored_taste(std::int32_t user) const noexcept override;
    void all_scores(const Taste& taste, std::span<float> scores) const override;
    void best_items(const Taste& taste, const ItemSet* excluded, int k, std::vector<Scored>& result) override;
    void best_candidates(const Taste& taste, const ItemSet* excluded,
                         std::span<const std::int32_t> candidates, int k,
                         std::vector<Scored>& result) const override;
    bool is_personal(const Scored& item) const noexcept override;
    void best_for_users(std::span<const std::int32_t> users, bool exclude_seen, int k, int threads,
                        Host& host, std::vector<Scored>& result) const override;
    std::size_t best_for_users_memory(std::int64_t users, int threads) const noexcept override;
    std::optional<float> predict(const Taste& taste, std::int32_t item) const noexcept override;
    Explanation explain(std::span<const std::int32_t> items, std::span<const float> values, std::int32_t item,
                        Host& host) override;
    void similar_items(std::int32_t item, int k, std::vector<Scored>& result) const override;
    void similar_users(const Taste& taste, std::int32_t self, int k,
                       std::vector<Scored>& result) const override;

  private:
    bool predicts_ratings() const noexcept { return parts_.rule.feedback == Feedback::explicit_feedback; }
    float user_offset(const Taste& taste) const noexcept;
    // What the k-th observation speaks with: v_uj, or its deviation from the baseline.
    float voice(const Taste& taste, std::size_t k, float user_offset) const noexcept;
    float expected(float baseline, float sum, float weight) const noexcept;
    float score(const Taste& taste, std::int32_t item) const noexcept;
    void add_up(const Taste& taste, ScoreBoard& board) const;
    void rank(const Taste& taste, const ItemSet* excluded, int k, ScoreBoard& board,
              std::vector<Scored>& result) const;
    void rank_expected(const Taste& taste, const ItemSet* excluded, int k, const ScoreBoard& board,
                       std::vector<Scored>& result) const;

    std::unique_ptr<ScoreBoard> board_;  // made when it is needed
};

}  // namespace personalize::core
