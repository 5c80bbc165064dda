#include "pg/training/mf_trainer.hpp"

#include "core/runtime/memory_claim.hpp"

namespace personalize::pg {

FittedMf fit_mf(core::Ratings ratings, const core::MfOptions& options, RatingsWork& work) {
    work.enter(Phase::training);
    const core::FeedbackRule rule = core::encode_ratings(ratings, options);
    core::MfModel model = core::train_mf(ratings, rule, options, work.budget(), work.host());
    return {std::move(ratings), std::move(model)};
}

core::Evaluation MfTrainer::evaluate(core::Ratings train, const core::Ratings& test,
                                     const core::EvaluationOptions& options, RatingsWork& work) const {
    const core::ScratchClaims scratch(work.budget());
    const FittedMf fitted = fit_mf(std::move(train), request_.options, work);
    return work.evaluate(fitted.parts(), test, options);
}

}  // namespace personalize::pg
