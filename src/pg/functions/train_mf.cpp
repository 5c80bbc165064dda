// train_mf: matrix factorization of a ratings table, from reading it to the new active version.
#include "core/runtime/memory_claim.hpp"
#include "pg/bridge/unused_memory.hpp"
#include "pg/training/holdout_request.hpp"
#include "pg/training/mf_request.hpp"
#include "pg/training/mf_trainer.hpp"

namespace personalize::pg {

namespace {

std::string holdout_json(const HoldoutRequest& holdout, const core::Evaluation& evaluation) {
    return R"("holdout": )" + split_json(holdout) + R"(, "measures": )" + measures_json(evaluation);
}

// Trains on the rest; `evaluation` becomes what it is worth.
FittedMf fit_rest(core::Ratings& all, const MfRequest& request, RatingsWork& work, std::string& evaluation) {
    work.budget().reserve(core::split_memory(all), "the holdout");
    core::Split parts = core::split(all, request.holdout->split, work.host());
    if (!request.refit) all = core::Ratings();
    FittedMf fitted = fit_mf(std::move(parts.train), request.options, work);
    evaluation = holdout_json(*request.holdout,
                              work.evaluate(fitted.parts(), parts.test, request.holdout->evaluation));
    return fitted;
}

FittedMf fit(core::Ratings all, const MfRequest& request, RatingsWork& work, std::string& evaluation) {
    if (!request.holdout) return fit_mf(std::move(all), request.options, work);
    if (!request.refit) return fit_rest(all, request, work, evaluation);
    {
        const core::ScratchClaims scratch(work.budget());
        fit_rest(all, request, work, evaluation);
    }
    return fit_mf(std::move(all), request.options, work);
}

TrainingSummary train(const MfRequest& request) {
    prepare_training(request.model, request.relation, request.source);
    RatingsWork work(request.model, request.relation, request.source);
    core::Ratings all = work.read(request.holdout && needs_times(request.holdout->split, request.source));
    std::string evaluation;
    const FittedMf fitted = fit(std::move(all), request, work, evaluation);
    TrainedVersion version{core::algorithm_name(request.options.solver),
                           options_json(fitted.model.options, request.source.on_duplicate), evaluation,
                           fitted.model.loss};
    return save_training(request.model, work, fitted.ratings, std::move(version), fitted.parts());
}

void notice_held_out(const MfRequest& request, const TrainingSummary& summary) {
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

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(train_mf) {
    using namespace personalize::pg;
    const ReturnsUnusedMemory at_end;
    const MfRequest request = parse_mf_request(Arguments(fcinfo));
    const TrainingSummary summary = train(request);
    notice_held_out(request, summary);
    return summary_datum(fcinfo, summary);
}
