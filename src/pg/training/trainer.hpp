// Trainers as cross_validate() runs them: by name, on a part of the ratings, without keeping the model.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/evaluation/evaluate.hpp"
#include "core/ratings/ratings.hpp"
#include "core/runtime/memory_budget.hpp"
#include "pg/bridge/guard.hpp"
#include "pg/model_store/version_row.hpp"

namespace personalize::pg {

class RatingsWork;

class Trainer {
  public:
    virtual ~Trainer() = default;
    virtual const Source& source() const = 0;
    virtual std::optional<float> relevant_from() const = 0;  // what its own options say is a like
    // Trains on one part and measures with the other.
    virtual core::Evaluation evaluate(core::Ratings train, const core::Ratings& test,
                                      const core::EvaluationOptions& options, RatingsWork& work) const = 0;
};

// The trainer of a name with options as jsonb (trainer_call.hpp). schema: that of the extension's functions.
// Throws invalid_parameter_value where there is no such trainer.
std::unique_ptr<Trainer> make_trainer(const std::string& name, Oid schema, Oid relation, Datum options);

}  // namespace personalize::pg
