// cross_validate: a trainer's figures on ratings that are held out in turn.
#include "core/evaluation/fold_means.hpp"
#include "core/evaluation/split.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/bridge/unused_memory.hpp"
#include "pg/bridge/write_rows.hpp"
#include "pg/training/evaluation_rows.hpp"
#include "pg/training/holdout_request.hpp"
#include "pg/training/ratings_training.hpp"
#include "pg/training/trainer.hpp"

namespace personalize::pg {

namespace {

enum Argument {
    kRatings,
    kTrainer,
    kOptions,
    kSplit,
    kFolds,
    kK,
    kHoldout,
    kRelevantFrom,
    kCandidates,
    kSeed,
};
constexpr int kMaxFolds = 100;
constexpr double kDefaultShare = .1;  // of the newest ratings, in each round

core::SplitOptions parse_split(const Arguments& arguments, Oid relation, const Source& source) {
    SplitChoice choice{arguments.text(kSplit, "split"),
                       arguments.optional_double(kHoldout, "holdout", kLeastShare, 1 - kLeastShare),
                       {}};
    if (choice.method == "random" && choice.share)
        throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, "holdout does not apply to split => 'random'",
                       "Leave it out: each of the folds is held out in turn.");
    if (choice.method != "leave_one_out" && !choice.share) choice.share = kDefaultShare;
    core::SplitOptions split = split_options(choice, relation, source, arguments.seed(kSeed));
    const int fewest = split.method == core::SplitMethod::random ? 2 : 1;
    split.folds = arguments.integer(kFolds, "folds", fewest, kMaxFolds);
    return split;
}

core::EvaluationOptions parse_evaluation(const Arguments& arguments, const Trainer& trainer) {
    core::EvaluationOptions options;
    options.k = arguments.integer(kK, "k", 1, INT_MAX);
    options.relevant_from = relevant_from_argument(arguments, kRelevantFrom);
    if (!options.relevant_from) options.relevant_from = trainer.request().positive_from;
    options.candidates = arguments.optional_integer(kCandidates, "candidates", 1, kMaxCandidates);
    options.seed = static_cast<std::uint64_t>(arguments.seed(kSeed));
    options.threads = settings::threads();
    return options;
}

std::vector<core::Evaluation> run_folds(const core::Ratings& all, core::SplitOptions split,
                                        const Trainer& trainer, const core::EvaluationOptions& options,
                                        RatingsWork& work) {
    work.budget().reserve(core::split_memory(all), "the folds");
    std::vector<core::Evaluation> folds;
    for (split.fold = 0; split.fold < split.folds; split.fold++) {
        core::Split parts = core::split(all, split, work.host());
        folds.push_back(trainer.evaluate(std::move(parts.train), parts.test, options, work));
    }
    return folds;
}

void put_measures(ResultRows& rows, int fold, const std::vector<core::Measure>& measures) {
    rows.put(std::ssize(measures),
             [fold, measures = measures.data()](std::int64_t row, Datum* values, bool* nulls) {
                 values[0] = Int32GetDatum(fold);
                 nulls[0] = fold == 0;
                 fill_measure(measures[row], values + 1, nulls + 1);
             });
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(cross_validate) {
    using namespace personalize::pg;
    namespace core = personalize::core;
    const Arguments arguments(fcinfo);
    const Oid relation = arguments.relation(kRatings, "ratings");
    const auto trainer = make_trainer(arguments.text(kTrainer, "trainer"), schema_of(fcinfo), relation,
                                      arguments.required(kOptions, "options"));
    const Source& source = trainer->request().source;
    const core::SplitOptions split = parse_split(arguments, relation, source);
    const core::EvaluationOptions options = parse_evaluation(arguments, *trainer);
    ResultRows rows(fcinfo);

    const ReturnsUnusedMemory at_end;
    RatingsWork work("cross_validate", relation, source);
    const core::Ratings all = work.read(needs_times(split, source));
    const auto folds = run_folds(all, split, *trainer, options, work);
    put_measures(rows, 0, core::fold_means(folds));
    for (std::size_t fold = 0; fold < folds.size(); fold++)
        put_measures(rows, static_cast<int>(fold) + 1, folds[fold].measures);
    return 0;
}
