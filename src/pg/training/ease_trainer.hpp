// What train_ease is asked for, and linear models of items (core/neighbours/ease.hpp).
#pragma once

#include "core/model/knn_model.hpp"
#include "pg/training/ratings_training.hpp"
#include "pg/training/trainer.hpp"

namespace personalize::pg {

// Positions of the arguments of train_ease.
enum EaseArgument {
    kEaseRegularization = kFirstTrainerOption,
    kEaseDropout,
    kEaseNeighbors,
    kEaseTail,
    kEaseArguments = kEaseTail + kTrainerTail
};

struct EaseRequest : TrainingRequest {
    core::KnnOptions options;
};

// Throws null_value_not_allowed, and invalid_parameter_value for values out of range or that do not go
// together.
EaseRequest parse_ease_request(const Arguments& arguments);

std::unique_ptr<FittedModel> fit_model(core::Ratings ratings, const EaseRequest& request, RatingsWork& work);

}  // namespace personalize::pg
