// Models of factors: a score is a dot product.
#pragma once

#include "core/factorization/fold_in.hpp"
#include "core/model/recommender.hpp"

namespace personalize::core {

class FactorRecommender : public Recommender {
  public:
    using Recommender::Recommender;

    Taste taste(std::span<const std::int32_t> items, std::span<const float> values) override;
    Taste stored_taste(std::int32_t user) const override;
    bool has_stored_taste(std::int32_t user) const override;
    void all_scores(const Taste& taste, std::span<float> scores) const override;
    void best_items(const Taste& taste, const ItemSet* excluded, int k, std::vector<Scored>& result) override;
    void best_candidates(const Taste& taste, const ItemSet* excluded,
                         std::span<const std::int32_t> candidates, int k,
                         std::vector<Scored>& result) const override;
    void best_for_users(const ListsRequest& wanted, Host& host, std::vector<Scored>& result) const override;
    std::size_t best_for_users_memory(std::int64_t users, int threads) const noexcept override;
    std::optional<float> predict(const Taste& taste, std::int32_t item) const noexcept override;
    Explanation explain(std::span<const std::int32_t> items, std::span<const float> values, std::int32_t item,
                        Host& host) override;
    std::optional<RatingDistribution> predict_distribution(std::span<const std::int32_t> items,
                                                           std::span<const float> values,
                                                           std::int32_t item) override;
    double similarity(std::int32_t a, std::int32_t b) const override;
    void similar_items(std::int32_t item, int k, std::vector<Scored>& result) const override;
    void similar_users(const Taste& taste, std::int32_t self, int k,
                       std::vector<Scored>& result) const override;

  private:
    bool is_sampled() const noexcept { return parts_.posterior.samples > 0; }
    void fold_in(std::span<const std::int32_t> items, std::span<const float> values, float* row);
    PosteriorFoldIn& posterior();
    // Lists of all, those without a taste, too, which mean nothing.
    void rank_all(const ListsRequest& wanted, Host& host, std::vector<Scored>& result) const;

    // Made when they are needed.
    std::unique_ptr<FoldIn> fold_in_;
    std::unique_ptr<PosteriorFoldIn> posterior_;
};

}  // namespace personalize::core
