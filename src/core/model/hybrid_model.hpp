// A hybrid from trained models to what serves.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/model/hybrid_components.hpp"
#include "core/model/model_image.hpp"
#include "core/ratings/ids.hpp"
#include "core/runtime/host.hpp"
#include "core/runtime/memory_budget.hpp"

namespace personalize::core {

// One of the models that are blended; a view.
struct TrainedModel {
    std::string_view name;
    std::span<const std::byte> image;
};

// Users and items are those that any of the models knows.
class HybridModel {
  public:
    // Equal weights. There is at least one model, none is a hybrid, and all have ids of the same types. What
    // it takes is claimed from `budget`, for the caller. Throws MemoryLimitExceeded, what host.poll() throws.
    HybridModel(std::span<const TrainedModel> models, MemoryBudget& budget, Host& host);

    std::size_t size() const noexcept { return components_.size(); }
    // One for each model, >= 0.
    void set_weights(std::span<const float> weights) noexcept;
    // Views of this model, as it is until weights are set again.
    ModelParts parts() const;

  private:
    IdList unite(IdView ModelParts::*ids, std::vector<std::vector<std::int32_t>>& index_of, Host& host);
    void lay_out_users(Host& host);
    void gather_moments(Host& host);
    void gather_seen(Host& host);
    void gather_popularity();
    FeedbackRule rule_of_likes() const noexcept;

    MemoryBudget& budget_;
    std::vector<Component> components_;
    std::vector<std::vector<std::int32_t>> items_of_, users_of_;  // of each component
    std::vector<std::vector<double>> moments_of_;
    IdList users_, items_;
    SeenItemsList seen_;
    std::vector<float> popularity_;
    std::vector<std::int32_t> popular_order_;
    BulkVector<std::byte> payload_;
};

}  // namespace personalize::core
