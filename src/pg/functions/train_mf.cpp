// train_mf: matrix factorization of a ratings table, from reading it to the new active version.
#include "pg/bridge/unused_memory.hpp"
#include "pg/training/holdout_request.hpp"
#include "pg/training/mf_request.hpp"
#include "pg/training/mf_trainer.hpp"

namespace personalize::pg {

namespace {

std::string holdout_json(const HoldoutRequest& holdout, const core::Evaluation& evaluation) {
    return R"("holdout": )" + split_json(holdout.split) + R"(, "measures": )" + measures_json(evaluation);
}

// Trains on the rest; `evaluation` becomes what it is worth.
FittedMf fit_rest(const core::Ratings& all, const MfRequest& request, RatingsWork& work,
                  std::string& evaluation) {
    work.budget().reserve(core::split_memory(all), "the holdout");
    core::Split parts = core::split(all, request.holdout->split, work.host());
    FittedMf fitted = fit_mf(std::move(parts.train), request.options, work);
    evaluation = holdout_json(*request.holdout,
                              work.evaluate(fitted.parts(), parts.test, request.holdout->evaluation));
    return fitted;
}

TrainingSummary train(const MfRequest& request) {
    prepare_training(request.model, request.relation, request.source);
    RatingsWork work(request.model, request.relation, request.source);
    core::Ratings all = work.read(request.holdout && needs_times(request.holdout->split, request.source));
    std::string evaluation;
    std::optional<FittedMf> fitted;
    if (request.holdout) fitted = fit_rest(all, request, work, evaluation);
    if (!request.holdout || request.refit) fitted = fit_mf(std::move(all), request.options, work);
    TrainedVersion version{core::algorithm_name(request.options.solver),
                           options_json(fitted->model.options, request.source.on_duplicate), evaluation,
                           fitted->model.loss};
    return save_training(request.model, work, fitted->ratings, std::move(version), fitted->parts());
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(train_mf) {
    using namespace personalize::pg;
    const ReturnsUnusedMemory at_end;
    return summary_datum(fcinfo, train(parse_mf_request(Arguments(fcinfo))));
}
