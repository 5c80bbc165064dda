#include "pg/training/training_request.hpp"

#include <climits>
#include <cmath>

#include "pg/bridge/json.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/model_store/model_writer.hpp"

namespace personalize::pg {

namespace {

enum Argument {
    kRatings,
    kModel,
    kUserColumn,
    kItemColumn,
    kRatingColumn,
    kFeedback,
    kPositiveFrom,
    kWeighting,
    kArguments
};
enum TailArgument {  // counted from the first of them
    kSeed,
    kOnDuplicate,
    kTimeColumn,
    kHalfLife,
    kFoldIn,
    kHoldout,
    kSplit,
    kSplitFrom,
    kListLength,
    kRefit,
    kTailArguments
};
static_assert(kArguments == kFirstTrainerOption && kTailArguments == kTrainerTail);

using core::Feedback;
using core::OnDuplicate;
using core::Weighting;

const std::vector<const char*> kFeedbackNames = {"implicit", "explicit"};
const std::vector<const char*> kWeightingNames = {"binary", "linear", "log"};
const std::vector<const char*> kOnDuplicateNames = {"sum", "mean", "last", "error"};

void check_explicit(const TrainingRequest& request) {
    const char* leave_out = "Leave it out, or use feedback => 'implicit'.";
    if (request.positive_from) does_not_fit("positive_from", "explicit feedback", leave_out);
    if (request.weighting != Weighting::binary) does_not_fit("weighting", "explicit feedback", leave_out);
    if (request.source.half_life > 0) does_not_fit("half_life", "explicit feedback", leave_out);
    if (!request.source.rating_column)
        does_not_fit("rating_column => NULL", "explicit feedback",
                     "Name the column with the ratings, or use feedback => 'implicit'.");
}

void check_combination(const TrainingRequest& request) {
    if (request.feedback == Feedback::explicit_feedback) check_explicit(request);
    if (request.source.user_column == request.source.item_column)
        throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE,
                       "user_column and item_column are both \"" + request.source.user_column + "\"",
                       "Name the column that says who rated, and the one that says what.");
    if (request.source.on_duplicate == OnDuplicate::last && !request.source.time_column)
        throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, "on_duplicate => 'last' needs a time column",
                       "Name it with time_column => '...'.");
    if (request.source.half_life > 0 && !request.source.time_column)
        throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, "half_life needs a time column",
                       "Name it with time_column => '...'.");
    if (request.positive_from && !std::isfinite(*request.positive_from))
        throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, "positive_from is not a finite number",
                       "Give the lowest rating that is a like.");
}

// Repeats are counts, unless ratings are opinions.
OnDuplicate default_on_duplicate(const TrainingRequest& request) {
    const bool opinions = request.feedback == Feedback::explicit_feedback || request.positive_from;
    return opinions ? OnDuplicate::mean : OnDuplicate::sum;
}

Source parse_source(const Arguments& arguments, int tail, const TrainingRequest& request) {
    Source source;
    source.user_column = arguments.name(kUserColumn, "user_column");
    source.item_column = arguments.name(kItemColumn, "item_column");
    source.rating_column = arguments.optional_name(kRatingColumn);
    source.time_column = arguments.optional_name(tail + kTimeColumn);
    source.half_life = arguments.optional_interval(tail + kHalfLife, "half_life").value_or(0);
    source.fold_in = arguments.boolean(tail + kFoldIn, "fold_in");
    source.on_duplicate =
        arguments.is_null(tail + kOnDuplicate)
            ? default_on_duplicate(request)
            : choice<OnDuplicate>(arguments, tail + kOnDuplicate, "on_duplicate", kOnDuplicateNames);
    return source;
}

// Where nothing says what to hold out, there is no holdout.
std::optional<HoldoutRequest> parse_holdout(const Arguments& arguments, int tail,
                                            const TrainingRequest& request) {
    const SplitChoice choice = {
        arguments.text(tail + kSplit, "split"),
        arguments.optional_double(tail + kHoldout, "holdout", kLeastShare, 1 - kLeastShare),
        arguments.optional_text(tail + kSplitFrom)};
    const int k = arguments.integer(tail + kListLength, "k", 1, INT_MAX);
    if (choice.method == "random" && !choice.share && !choice.from) return std::nullopt;
    HoldoutRequest holdout;
    holdout.from = choice.from;
    holdout.split = split_options(choice, request.relation, request.source, request.seed);
    holdout.evaluation.k = k;
    holdout.evaluation.relevant_from = request.positive_from;
    holdout.evaluation.seed = static_cast<std::uint64_t>(request.seed);
    holdout.evaluation.threads = settings::threads();
    return holdout;
}

std::string half_life_json(const Source& source) {
    return source.half_life > 0 ? R"(, "half_life": )" + json_number(source.half_life) : "";
}

}  // namespace

void does_not_fit(const std::string& option, const std::string& reason, const std::string& hint) {
    throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, option + " does not apply to " + reason, hint);
}

TrainingRequest parse_training_request(const Arguments& arguments, int tail) {
    TrainingRequest request;
    request.relation = arguments.relation(kRatings, "ratings");
    request.model = arguments.text(kModel, "model");
    check_model_name(request.model);
    request.feedback = choice<Feedback>(arguments, kFeedback, "feedback", kFeedbackNames);
    request.weighting = choice<Weighting>(arguments, kWeighting, "weighting", kWeightingNames);
    request.positive_from = arguments.optional_real(kPositiveFrom);
    request.seed = arguments.seed(tail + kSeed);
    request.source = parse_source(arguments, tail, request);
    check_combination(request);
    request.holdout = parse_holdout(arguments, tail, request);
    request.refit = arguments.boolean(tail + kRefit, "refit");
    if (request.refit && !request.holdout)
        does_not_fit("refit", "a training without a holdout", "Leave it out, or give holdout => 0.1.");
    return request;
}

std::string feedback_json(const TrainingRequest& request) {
    std::string json = R"({"feedback": )" + json_name(kFeedbackNames, request.feedback);
    if (request.feedback == Feedback::implicit_feedback)
        json += R"(, "weighting": )" + json_name(kWeightingNames, request.weighting);
    if (request.positive_from) json += R"(, "positive_from": )" + json_number(*request.positive_from);
    return json + ", ";
}

std::string reading_json(const TrainingRequest& request) {
    return R"(, "seed": )" + std::to_string(request.seed) + R"(, "on_duplicate": )" +
           json_name(kOnDuplicateNames, request.source.on_duplicate) + half_life_json(request.source) + "}";
}

}  // namespace personalize::pg
