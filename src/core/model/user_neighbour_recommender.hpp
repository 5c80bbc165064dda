// Models of users' neighbours: those who are most like a user speak for what they rated.
#pragma once

#include "core/model/neighbour_recommender.hpp"
#include "core/neighbours/nearest_users.hpp"

namespace personalize::core {

// With N(u) the k users most like u by their ratings (nearest_users.hpp), found anew from what is told of u:
// - implicit: score_ui = sum over v in N(u) of sim(u, v) v_vi;
// - explicit: over those v in N(u) who rated i, sum = sum sim(u, v) (v_vi - b_v - b_i), weights = sum
//   sim(u, v).
// Similar items are those of highest cosine of what all users say of them.
class UserNeighbourRecommender : public NeighbourRecommender {
  public:
    // Throws CorruptModel.
    explicit UserNeighbourRecommender(const ModelParts& parts);

    Taste taste(std::span<const std::int32_t> items, std::span<const float> values) override;
    Taste taste_of(const Observations& told) override;
    Taste stored_taste(std::int32_t user) const override;
    std::size_t best_for_users_memory(std::int64_t users, int threads) const noexcept override;
    Explanation explain(std::span<const std::int32_t> items, std::span<const float> values, std::int32_t item,
                        Host& host) override;
    // A neighbour's part of the score is divided among the items in common as their products are in the
    // similarity: exactly for cosine, cooccurrence, and pearson with its lengths as they are; for jaccard,
    // which is no sum, in proportion.
    Explanation explain_told(const Observations& told, std::int32_t item, Host& host) override;
    // The cosine of who rated them.
    double similarity(std::int32_t a, std::int32_t b) const override;
    // Of an item whose raters have more than kMostRead ratings (some 50 ms), by every second, third, ... of
    // them.
    void similar_items(std::int32_t item, int k, std::vector<Scored>& result) const override;
    void similar_users(const Taste& taste, std::int32_t self, int k,
                       std::vector<Scored>& result) const override;

  private:
    static constexpr std::int64_t kMostRead = std::int64_t{1} << 24;

    std::span<const std::int32_t> raters(std::int32_t item) const noexcept;
    void add_up(const Taste& taste, ScoreBoard& board) const override;
    Sums add_up(const Taste& taste, std::int32_t item) const noexcept override;
    void find_neighbours(Taste& taste, std::int32_t self) const;
    template <class Visit>
    void for_each_rating(std::int32_t user, const Visit& visit) const;
    // What a neighbour's rating of an item says, above their baseline.
    float voice(std::int32_t user, std::int32_t item, float value) const noexcept;

    knn::UserIndex index_;
    std::span<const float> item_lengths_, user_offsets_;
};

}  // namespace personalize::core
