// Trains matrix factorizations with the time, memory and progress of a RatingsWork.
#pragma once

#include "core/model/mf_model.hpp"
#include "pg/training/mf_request.hpp"
#include "pg/training/ratings_training.hpp"
#include "pg/training/trainer.hpp"

namespace personalize::pg {

// A trained model with the ratings that its parts are views of.
struct FittedMf {
    core::Ratings ratings;
    core::MfModel model;
    core::ModelParts parts() const { return model.parts(ratings); }
};

FittedMf fit_mf(core::Ratings ratings, const core::MfOptions& options, RatingsWork& work);

class MfTrainer : public Trainer {
  public:
    explicit MfTrainer(MfRequest request) : request_(std::move(request)) {}
    const Source& source() const override { return request_.source; }
    std::optional<float> relevant_from() const override { return request_.options.positive_from; }
    core::Evaluation evaluate(core::Ratings train, const core::Ratings& test,
                              const core::EvaluationOptions& options, RatingsWork& work) const override;

  private:
    const MfRequest request_;
};

}  // namespace personalize::pg
