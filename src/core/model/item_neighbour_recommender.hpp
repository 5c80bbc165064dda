// Models of items' neighbours: what a user has rated speaks for the items near it.
#pragma once

#include "core/model/neighbour_recommender.hpp"

namespace personalize::core {

// With W[j][i], the weight with which item j speaks for item i, and v_uj what u's rating of j says:
// - implicit: score_ui = sum_j v_uj W[j][i];
// - explicit: sum = sum_j W[j][i] (v_uj - b_j - b_u), weights = sum_j |W[j][i]|.
class ItemNeighbourRecommender : public NeighbourRecommender {
  public:
    using NeighbourRecommender::NeighbourRecommender;

    void all_scores(const Taste& taste, std::span<float> scores) const override;
    Explanation explain(std::span<const std::int32_t> items, std::span<const float> values, std::int32_t item,
                        Host& host) override;
    void similar_items(std::int32_t item, int k, std::vector<Scored>& result) const override;
    void similar_users(const Taste& taste, std::int32_t self, int k,
                       std::vector<Scored>& result) const override;

  private:
    // Calls add(list, voice, next list) for each observation.
    template <class Add>
    void each_list(const Taste& taste, const Add& add) const;
    void add_up(const Taste& taste, ScoreBoard& board) const override;
    Sums add_up(const Taste& taste, std::int32_t item) const noexcept override;
    // What the k-th observation speaks with: v_uj, or its deviation from the baseline.
    float voice(const Taste& taste, std::size_t k, float user_offset) const noexcept;
};

}  // namespace personalize::core
