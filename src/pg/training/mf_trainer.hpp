// Trains matrix factorizations with the time, memory and progress of a RatingsWork.
#pragma once

#include "core/model/mf_model.hpp"
#include "pg/training/mf_request.hpp"
#include "pg/training/ratings_training.hpp"
#include "pg/training/trainer.hpp"

namespace personalize::pg {

std::unique_ptr<FittedModel> fit_mf(core::Ratings ratings, const core::MfOptions& options, RatingsWork& work);

class MfTrainer : public Trainer {
  public:
    explicit MfTrainer(MfRequest request) : request_(std::move(request)) {}
    const TrainingRequest& request() const override { return request_; }
    std::unique_ptr<FittedModel> fit(core::Ratings ratings, RatingsWork& work) const override {
        return fit_mf(std::move(ratings), request_.options, work);
    }

  private:
    const MfRequest request_;
};

}  // namespace personalize::pg
