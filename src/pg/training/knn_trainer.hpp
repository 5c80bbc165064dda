// What train_knn is asked for, and models of neighbours with the time, memory and progress of a RatingsWork.
#pragma once

#include "core/model/knn_model.hpp"
#include "pg/training/ratings_training.hpp"
#include "pg/training/trainer.hpp"

namespace personalize::pg {

// Positions of the arguments of train_knn.
enum KnnArgument {
    kKnnSimilarity = kFirstTrainerOption,
    kKnnNeighbors,
    kKnnShrinkage,
    kKnnUserWeighting,
    kKnnAlpha,
    kKnnBeta,
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

class KnnTrainer : public Trainer {
  public:
    explicit KnnTrainer(KnnRequest request) : request_(std::move(request)) {}
    const TrainingRequest& request() const override { return request_; }
    std::unique_ptr<FittedModel> fit(core::Ratings ratings, RatingsWork& work) const override;

  private:
    const KnnRequest request_;
};

}  // namespace personalize::pg
