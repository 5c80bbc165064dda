// What train_knn is asked for, and models of neighbours with the time, memory and progress of a RatingsWork.
#pragma once

#include "core/model/knn_model.hpp"
#include "pg/training/ratings_training.hpp"
#include "pg/training/trainer.hpp"

namespace personalize::pg {

// Positions of the arguments of train_knn.
enum KnnArgument {
    kKnnBasedOn = kFirstTrainerOption,
    kKnnSimilarity,
    kKnnNeighbors,
    kKnnShrinkage,
    kKnnUserWeighting,
    kKnnAlpha,
    kKnnBeta,
    kKnnSearchLimit,
    kKnnTail,
    kKnnArguments = kKnnTail + kTrainerTail
};

// For all trainers whose models are neighbours. own_options: members of the JSON of options.
std::unique_ptr<FittedModel> fit_neighbours(core::Ratings ratings, const core::KnnOptions& options,
                                            std::string algorithm, std::string own_options,
                                            RatingsWork& work);

struct KnnRequest : TrainingRequest {
    core::KnnOptions options;
};

// Throws null_value_not_allowed, and invalid_parameter_value for values out of range or that do not go
// together.
KnnRequest parse_knn_request(const Arguments& arguments);

std::unique_ptr<FittedModel> fit_model(core::Ratings ratings, const KnnRequest& request, RatingsWork& work);

}  // namespace personalize::pg
