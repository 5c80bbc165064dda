// tune_mf: searches the settings of train_mf that do best on held-out ratings, and trains a model with them.
#include <cmath>

#include "core/evaluation/tune_mf.hpp"
#include "core/runtime/memory_claim.hpp"
#include "pg/bridge/procedure.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/bridge/unused_memory.hpp"
#include "pg/model_store/locks.hpp"
#include "pg/model_store/tuning_log.hpp"
#include "pg/training/mf_request.hpp"
#include "pg/training/mf_trainer.hpp"

namespace personalize::pg {

namespace {

// Arguments behind those of train_mf up to k.
enum Argument { kTrials = kMfRefit, kMetric, kBudget, kMaxFactors };
constexpr int kMaxTrials = 10000;
constexpr double kDefaultHoldout = .1;
constexpr std::int64_t kValidationUsers = 20000;  // enough to tell settings apart

// The request as train_mf() would read it, with its defaults where a setting is left to the search.
class DefaultedArguments {
  public:
    DefaultedArguments(const Arguments& arguments, int max_factors)
        : values_(arguments.values(), arguments.values() + kMfRefit) {
        fill(kMfFactors, Int32GetDatum(Min(core::kDefaultRank, max_factors)));
        if (arguments.text(kMfSplit, "split") != "leave_one_out" && arguments.is_null(kMfSplitFrom))
            fill(kMfHoldout, call([] { return Float8GetDatum(kDefaultHoldout); }));
        values_.push_back({BoolGetDatum(true), false});  // refit
        values_.resize(kMfArguments, {0, true});
    }
    Arguments view() const { return {values_.data(), static_cast<int>(values_.size())}; }

  private:
    void fill(int position, Datum value) {
        if (values_[position].isnull) values_[position] = {value, false};
    }
    std::vector<NullableDatum> values_;
};

struct Request {
    MfRequest mf;
    core::TuningOptions tuning;
};

Request parse(const Arguments& arguments) {
    const int max_factors = arguments.integer(kMaxFactors, "max_factors", core::kMinRank, core::kMaxRank);
    const DefaultedArguments defaulted(arguments, max_factors);
    Request request;
    request.mf = parse_mf_request(defaulted.view());
    if (request.mf.options.solver == core::MfSolver::gibbs)
        does_not_fit("solver => 'gibbs'", "tune_mf", "Train with train_mf(): it has nothing to be searched.");
    const bool is_explicit = request.mf.options.feedback == core::Feedback::explicit_feedback;
    core::TuningOptions& tuning = request.tuning;
    tuning.metric = arguments.optional_text(kMetric).value_or(is_explicit ? "rmse" : "ndcg");
    core::larger_is_better(tuning.metric, request.mf.options.feedback);  // throws for another name
    tuning.trials = arguments.integer(kTrials, "trials", 1, kMaxTrials);
    tuning.seconds = arguments.optional_interval(kBudget, "budget").value_or(HUGE_VAL);
    tuning.seed = request.mf.options.seed;
    tuning.evaluation = request.mf.holdout->evaluation;
    tuning.evaluation.most_users = kValidationUsers;
    core::MfSearchSpace& space = tuning.space;
    space.factors = arguments.is_null(kMfFactors);
    space.iterations = arguments.is_null(kMfIterations);
    space.regularization = arguments.is_null(kMfRegularization);
    space.unobserved_weight = arguments.is_null(kMfUnobservedWeight) && !is_explicit;
    space.max_factors = max_factors;
    if (!space.factors && !space.iterations && !space.regularization && !space.unobserved_weight)
        throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, "all settings are given: nothing is left to search",
                       "Leave out what is to be searched, or train once with train_mf().");
    return request;
}

TuningRow row_of(const core::Trial& trial, const char* state, const TrainingRequest& request) {
    return {trial.number,
            state,
            trial.score.name,
            trial.score.value,
            trial.score.standard_error,
            trial.score.popularity,
            trial.score.users,
            trial.iterations,
            options_json(request, trial.settings),
            trial.seconds};
}

core::Tuning search(const Request& request, const core::Ratings& all, RatingsWork& work, const TuningLog& log,
                    ProcedureTransactions& transactions) {
    const core::ScratchClaims scratch(work.budget());
    work.budget().reserve(core::split_memory(all), "the holdout");
    core::Split parts = core::split(all, request.mf.holdout->split, work.host());
    core::TuningOptions tuning = request.tuning;
    tuning.seconds -= work.timings().total();  // reading took its share
    tuning.space.base = core::completed(request.mf.options, parts.train.by_user);
    const auto write = [&](const core::Trial& trial, const char* state) {
        log.write(row_of(trial, state, request.mf));
        transactions.commit();
    };
    work.enter(Phase::tuning);
    const core::Tuning result = core::tune_mf(parts, tuning, work.budget(), work.host(),
                                              [&](const core::Trial& trial) { write(trial, "scored"); });
    write(result.best, "chosen");
    return result;
}

std::string validation_json(const Request& request, const core::Tuning& tuning) {
    core::Evaluation score;
    score.measures = {tuning.best.score};
    return R"("holdout": )" + split_json(*request.mf.holdout) + R"(, "validation": )" + measures_json(score) +
           R"(, "trials": )" + std::to_string(tuning.trials);
}

struct Outcome {
    TrainingSummary saved;
    core::Tuning tuning;
};

Outcome tune(const Request& request, ProcedureTransactions& transactions) {
    const MfRequest& mf = request.mf;
    prepare_training(mf.model, mf.relation, mf.source);
    const ModelClaim claim(mf.model);
    RatingsWork work(mf.model, mf.relation, mf.source);
    core::Ratings all = work.read(needs_times(mf.holdout->split, mf.source));
    notice_odd_ratings(mf, all);
    core::Tuning tuning = search(request, all, work, TuningLog(mf.model), transactions);
    core::MfOptions best = tuning.best.settings;
    best.iterations = tuning.best.iterations;
    claim_for_training(mf.model);  // again: the commits gave the transaction's claim up
    const auto fitted = fit_mf(std::move(all), best, work);
    return {save_training(mf, work, *fitted, validation_json(request, tuning)), tuning};
}

void notice_outcome(const Outcome& outcome, int trials) {
    const core::Tuning& tuning = outcome.tuning;
    call([&, trials] {
        ereport(NOTICE,
                errmsg("model \"%s\", version %d: %s %.5g with the settings of trial %d and %d iterations, "
                       "%.5g with the defaults and %d iterations, %.5g %s",
                       outcome.saved.saved.model.c_str(), outcome.saved.version, tuning.best.score.name,
                       tuning.best.score.value, tuning.best.number, tuning.best.iterations,
                       tuning.defaults.last_score, tuning.defaults.trained, tuning.best.score.popularity,
                       tuning.best.score.is_error() ? "of the mean rating" : "of popular items"),
                tuning.out_of_time
                    ? errdetail("%d of %d trials were scored within the budget.", tuning.trials, trials)
                    : errdetail("%d trials were scored.", tuning.trials),
                errhint("SELECT * FROM personalize.tuning_trials shows them."));
    });
}

void notice_atomic(const ProcedureTransactions& transactions) {
    if (transactions.can_commit()) return;
    call([] {
        ereport(NOTICE, errmsg("trials will be seen by others, and stay, when this transaction commits"),
                errhint("Outside of a transaction block, CALL tune_mf(...) commits each of them."));
    });
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(tune_mf) {
    using namespace personalize::pg;
    const ReturnsUnusedMemory at_end;
    const Request request = parse(Arguments(fcinfo));
    ProcedureTransactions transactions(fcinfo);
    notice_atomic(transactions);
    const Outcome outcome = tune(request, transactions);
    notice_outcome(outcome, request.tuning.trials);
    warn_of_popularity(request.mf.model, outcome.tuning.best.score, true);
    transactions.finish();
    PG_RETURN_VOID();
}
