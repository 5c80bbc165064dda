// evaluate_model: a model's figures on ratings that it was not trained on.
#include "core/evaluation/evaluate.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/bridge/unused_memory.hpp"
#include "pg/bridge/write_rows.hpp"
#include "pg/model_store/loaded_model.hpp"
#include "pg/training/evaluation_rows.hpp"
#include "pg/training/holdout_request.hpp"
#include "pg/training/ratings_training.hpp"
#include "pg/training/test_ratings.hpp"

namespace personalize::pg {

namespace {

enum Argument {
    kModel,
    kTest,
    kK,
    kUserColumn,
    kItemColumn,
    kRatingColumn,
    kRelevantFrom,
    kExcludeSeen,
    kCold,
    kCandidates,
    kSeed,
};

core::EvaluationOptions parse_options(const Arguments& arguments, const core::FeedbackRule& rule) {
    core::EvaluationOptions options;
    options.k = arguments.integer(kK, "k", 1, INT_MAX);
    options.relevant_from = relevant_from_argument(arguments, kRelevantFrom);
    if (!options.relevant_from && rule.has_positive_from) options.relevant_from = rule.positive_from;
    options.exclude_seen = arguments.boolean(kExcludeSeen, "exclude_seen");
    options.score_cold = one_of(arguments.text(kCold, "cold"), "cold", {"leave_out", "score"}) == 1;
    options.candidates = arguments.optional_integer(kCandidates, "candidates", 1, kMaxCandidates);
    options.seed = static_cast<std::uint64_t>(arguments.seed(kSeed));
    options.threads = settings::threads();
    return options;
}

void warn_of_overlap(const LoadedModel& model, const core::Evaluation& evaluation, bool left_out) {
    if (evaluation.overlap == 0) return;
    call([&, left_out] {
        ereport(WARNING,
                errmsg("%lld of %lld test ratings were in the training of model \"%s\"",
                       static_cast<long long>(evaluation.overlap),
                       static_cast<long long>(evaluation.test_ratings), model.name().c_str()),
                left_out ? errdetail("They are left out of all figures.")
                         : errdetail("They make the figures better than they are."),
                errhint("Train without the ratings that you test with."));
    });
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(evaluate_model) {
    using namespace personalize::pg;
    namespace core = personalize::core;
    const Arguments arguments(fcinfo);
    const auto model = load_model(arguments.text(kModel, "model"));
    const Oid relation = arguments.relation(kTest, "test");
    const auto options = parse_options(arguments, model->parts().rule);
    ResultRows rows(fcinfo);

    const ReturnsUnusedMemory at_end;
    const bool needs_ratings =
        options.relevant_from || model->parts().rule.feedback == core::Feedback::explicit_feedback;
    const TestColumns named{arguments.optional_name(kUserColumn), arguments.optional_name(kItemColumn),
                            arguments.optional_name(kRatingColumn)};
    RatingsWork work(model->name(), relation, test_columns(model->source(), named, relation, needs_ratings));
    require_same_ids(*model, work.source());
    const core::Ratings test = work.read();
    const core::Evaluation evaluation = work.evaluate(model->parts(), test, options);
    warn_of_overlap(*model, evaluation, options.exclude_seen);
    rows.put(std::ssize(evaluation.measures),
             [measures = evaluation.measures.data()](std::int64_t row, Datum* values, bool* nulls) {
                 fill_measure(measures[row], values, nulls);
             });
    return 0;
}
