// train_hybrid: a new model from models that there are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pg/training/ratings_training.hpp"

namespace personalize::pg {

struct HybridRequest {
    std::vector<std::string> components;
    std::vector<float> weights;  // as many, or none: equal ones, or those that `test` chooses
    std::string model;
    std::optional<Oid> test;
    int k;
    std::uint64_t seed;
};

// Throws invalid_parameter_value for values out of range or that do not go together.
HybridRequest parse_hybrid_request(const Arguments& arguments);

// Throws what load_model() throws for a component, and invalid_parameter_value for components that cannot be
// blended.
TrainingSummary train_hybrid(const HybridRequest& request);

}  // namespace personalize::pg
