// The ratings of seen items, where a model keeps them.
#pragma once

#include <cstdint>
#include <vector>

#include "core/model/model_image.hpp"
#include "core/runtime/memory_budget.hpp"

namespace personalize::core {

// Each user's values where the gaps of their seen items begin (ModelParts::seen_values); nothing where all
// are
// 1. `by_user` is encoded; what it takes is claimed from `budget`, for the caller.
BulkVector<float> lay_out_values(const SparseMatrix& by_user, const SeenItems& seen, MemoryBudget& budget);

// A user's encoded ratings.
struct StoredRatings {
    std::vector<std::int32_t> items;
    std::vector<float> values;
};
StoredRatings stored_ratings(const ModelParts& parts, std::int32_t user);

}  // namespace personalize::core
