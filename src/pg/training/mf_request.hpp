// What train_mf is asked for: its arguments, checked, and as the options of a model.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/factorization/objective.hpp"
#include "core/ratings/feedback.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/model_store/version_row.hpp"

namespace personalize::pg {

struct MfRequest {
    Oid relation;
    std::string model;
    Source source;
    core::Feedback feedback;
    core::Weighting weighting;
    std::optional<float> positive_from;                                     // none: every row is a like
    std::optional<float> regularization, unobserved_weight, learning_rate;  // none: the default
    int factors, iterations;
    bool gradient_descent;
    float tolerance;
    std::int64_t seed;
};

// Throws null_value_not_allowed, and invalid_parameter_value for values out of range or that do not go
// together.
MfRequest parse_mf_request(const Arguments& arguments);

// The request as JSON, with the values that were chosen from the data.
std::string options_json(const MfRequest& request, const core::Objective& objective, float learning_rate);

}  // namespace personalize::pg
