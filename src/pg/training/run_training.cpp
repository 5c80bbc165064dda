#include "pg/training/run_training.hpp"

#include "core/runtime/memory_claim.hpp"

namespace personalize::pg {

namespace {

using Fitted = std::unique_ptr<FittedModel>;

std::string holdout_json(const HoldoutRequest& holdout, const core::Evaluation& evaluation) {
    return R"("holdout": )" + split_json(holdout) + R"(, "measures": )" + measures_json(evaluation);
}

// Trains on the rest; `evaluation` becomes what it is worth.
Fitted fit_rest(core::Ratings& all, const Trainer& trainer, RatingsWork& work, std::string& evaluation) {
    const HoldoutRequest& holdout = *trainer.request().holdout;
    work.budget().reserve(core::split_memory(all), "the holdout");
    core::Split parts = core::split(all, holdout.split, work.host());
    if (!trainer.request().refit) all = core::Ratings();
    Fitted fitted = trainer.fit(std::move(parts.train), work);
    const core::Evaluation measured = work.evaluate(fitted->parts(), parts.test, holdout.evaluation);
    warn_of_popularity(trainer.request().model, measured.main(), false);
    evaluation = holdout_json(holdout, measured);
    return fitted;
}

Fitted fit(core::Ratings all, const Trainer& trainer, RatingsWork& work, std::string& evaluation) {
    if (!trainer.request().holdout) return trainer.fit(std::move(all), work);
    if (!trainer.request().refit) return fit_rest(all, trainer, work, evaluation);
    {
        const core::ScratchClaims scratch(work.budget());
        fit_rest(all, trainer, work, evaluation);
    }
    return trainer.fit(std::move(all), work);
}

void notice_held_out(const TrainingRequest& request, const TrainingSummary& summary) {
    if (!request.holdout || request.refit) return;
    call([&summary] {
        ereport(
            NOTICE,
            errmsg("version %d of model \"%s\" was trained without the held-out ratings, and is served now",
                   summary.version, summary.saved.model.c_str()),
            errhint("refit => true trains on everything after measuring."));
    });
}

}  // namespace

TrainingSummary run_training(const Trainer& trainer) {
    const TrainingRequest& request = trainer.request();
    prepare_training(request.model, request.relation, request.source);
    RatingsWork work(request.model, request.relation, request.source);
    core::Ratings all = work.read(request.holdout && needs_times(request.holdout->split, request.source));
    notice_odd_ratings(request, all);
    std::string evaluation;
    const Fitted fitted = fit(std::move(all), trainer, work, evaluation);
    const TrainingSummary summary = save_training(request, work, *fitted, evaluation);
    notice_held_out(request, summary);
    return summary;
}

}  // namespace personalize::pg
