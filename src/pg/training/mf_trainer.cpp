#include "pg/training/mf_trainer.hpp"

namespace personalize::pg {

FittedMf fit_mf(core::Ratings ratings, const core::MfOptions& options, RatingsWork& work) {
    work.enter(Phase::training);
    const core::FeedbackRule rule = core::encode_ratings(ratings, options);
    core::MfModel model = core::train_mf(ratings, rule, options, work.budget(), work.host());
    return {std::move(ratings), std::move(model)};
}

core::Evaluation MfTrainer::evaluate(core::Ratings train, const core::Ratings& test,
                                     const core::EvaluationOptions& options, RatingsWork& work) const {
    const std::size_t before = work.budget().used();
    const FittedMf fitted = fit_mf(std::move(train), request_.options, work);
    const core::Evaluation result = work.evaluate(fitted.parts(), test, options);
    work.budget().release(work.budget().used() - before);
    return result;
}

}  // namespace personalize::pg
