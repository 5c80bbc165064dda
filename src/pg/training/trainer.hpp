// A trainer: what is asked of it, and a model made of ratings by it. train_*() keep the model, and
// cross_validate() measures it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/evaluation/evaluate.hpp"
#include "core/ratings/ratings.hpp"
#include "pg/bridge/guard.hpp"
#include "pg/training/training_request.hpp"

namespace personalize::pg {

class RatingsWork;

// A trained model with the ratings that its parts are views of.
class FittedModel {
  public:
    explicit FittedModel(core::Ratings ratings) : ratings_(std::move(ratings)) {}
    virtual ~FittedModel() = default;
    FittedModel(const FittedModel&) = delete;
    FittedModel& operator=(const FittedModel&) = delete;

    const core::Ratings& ratings() const noexcept { return ratings_; }
    virtual core::ModelParts parts() const = 0;
    virtual std::string algorithm() const = 0;  // as personalize.models shows it
    virtual std::string options_json(const TrainingRequest& request) const = 0;  // completed
    virtual std::vector<double> loss() const { return {}; }                      // after each iteration

  private:
    const core::Ratings ratings_;
};

class Trainer {
  public:
    virtual ~Trainer() = default;
    virtual const TrainingRequest& request() const = 0;
    // Its memory is claimed from the work's budget.
    virtual std::unique_ptr<FittedModel> fit(core::Ratings ratings, RatingsWork& work) const = 0;
    // Trains on one part and measures with the other.
    core::Evaluation evaluate(core::Ratings train, const core::Ratings& test,
                              const core::EvaluationOptions& options, RatingsWork& work) const;
};

// What is asked of a kind of model, as its parser leaves it, is all that a trainer is made of:
// fit_model(ratings, request, work) trains that kind.
template <class Request>
class TrainerOf : public Trainer {
  public:
    explicit TrainerOf(Request request) : request_(std::move(request)) {}
    const TrainingRequest& request() const override { return request_; }
    std::unique_ptr<FittedModel> fit(core::Ratings ratings, RatingsWork& work) const override {
        return fit_model(std::move(ratings), request_, work);
    }

  private:
    const Request request_;
};

// The trainer of a name with options as jsonb (trainer_call.hpp). schema: that of the extension's functions.
// Throws invalid_parameter_value where there is no such trainer.
std::unique_ptr<Trainer> make_trainer(const std::string& name, Oid schema, Oid relation, Datum options);

}  // namespace personalize::pg
