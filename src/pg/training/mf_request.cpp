#include "pg/training/mf_request.hpp"

#include <cmath>

#include "pg/bridge/json.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/model_store/model_writer.hpp"

namespace personalize::pg {

namespace {

using core::Feedback;
using core::OnDuplicate;
using core::Weighting;

constexpr int kMaxIterations = 10000, kDefaultAlsIterations = 10, kDefaultSgdIterations = 20;

const std::vector<const char*> kFeedbackNames = {"implicit", "explicit"};
const std::vector<const char*> kWeightingNames = {"binary", "linear", "log"};
const std::vector<const char*> kSolverNames = {"als", "sgd"};
const std::vector<const char*> kOnDuplicateNames = {"sum", "mean", "last", "error"};

[[noreturn]] void does_not_fit(const std::string& option, const std::string& reason,
                               const std::string& hint) {
    throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, option + " does not apply to " + reason, hint);
}

void check_implicit_options(const MfRequest& request) {
    const core::MfOptions& options = request.options;
    const char* leave_out = "Leave it out, or use feedback => 'implicit'.";
    if (options.positive_from) does_not_fit("positive_from", "explicit feedback", leave_out);
    if (options.weighting != Weighting::binary) does_not_fit("weighting", "explicit feedback", leave_out);
    if (options.unobserved_weight) does_not_fit("unobserved_weight", "explicit feedback", leave_out);
    if (!request.source.rating_column)
        does_not_fit("rating_column => NULL", "explicit feedback",
                     "Name the column with the ratings, or use feedback => 'implicit'.");
}

void check_combination(const MfRequest& request) {
    const core::MfOptions& options = request.options;
    const bool is_explicit = options.feedback == Feedback::explicit_feedback;
    const bool gradient_descent = options.solver == core::MfSolver::sgd;
    if (gradient_descent && !is_explicit)
        does_not_fit("solver => 'sgd'", "implicit feedback",
                     "Use solver => 'als', or feedback => 'explicit'.");
    if (is_explicit) check_implicit_options(request);
    if (options.learning_rate && !gradient_descent)
        does_not_fit("learning_rate", "solver => 'als'", "Leave it out, or use solver => 'sgd'.");
    if (request.source.on_duplicate == OnDuplicate::last && !request.source.time_column)
        throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, "on_duplicate => 'last' needs a time column",
                       "Name it with time_column => '...'.");
    if (options.positive_from && !std::isfinite(*options.positive_from))
        throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, "positive_from is not a finite number",
                       "Give the lowest rating that is a like.");
}

// Repeats are counts, unless ratings are opinions.
OnDuplicate default_on_duplicate(const core::MfOptions& options) {
    const bool opinions = options.feedback == Feedback::explicit_feedback || options.positive_from;
    return opinions ? OnDuplicate::mean : OnDuplicate::sum;
}

template <typename Choice>
Choice choice(const Arguments& arguments, int position, const char* name,
              const std::vector<const char*>& names) {
    return static_cast<Choice>(one_of(arguments.text(position, name), name, names));
}

core::MfOptions parse_options(const Arguments& arguments) {
    constexpr float kTiny = 1e-9f, kHuge = 1e9f;
    core::MfOptions options;
    options.feedback = choice<Feedback>(arguments, kMfFeedback, "feedback", kFeedbackNames);
    options.weighting = choice<Weighting>(arguments, kMfWeighting, "weighting", kWeightingNames);
    options.solver = choice<core::MfSolver>(arguments, kMfSolver, "solver", kSolverNames);
    options.positive_from = arguments.optional_real(kMfPositiveFrom);
    options.factors = arguments.integer(kMfFactors, "factors", core::kMinRank, core::kMaxRank);
    options.iterations =
        arguments.optional_integer(kMfIterations, "iterations", 1, kMaxIterations)
            .value_or(options.solver == core::MfSolver::sgd ? kDefaultSgdIterations : kDefaultAlsIterations);
    options.regularization = arguments.optional_real(kMfRegularization, "regularization", kTiny, kHuge);
    options.unobserved_weight =
        arguments.optional_real(kMfUnobservedWeight, "unobserved_weight", kTiny, kHuge);
    options.learning_rate = arguments.optional_real(kMfLearningRate, "learning_rate", kTiny, 1);
    options.tolerance = arguments.real(kMfTolerance, "tolerance", 0, 1);
    options.seed = static_cast<std::uint64_t>(arguments.seed(kMfSeed));
    options.threads = settings::threads();
    return options;
}

Source parse_source(const Arguments& arguments, const core::MfOptions& options) {
    Source source;
    source.user_column = arguments.name(kMfUserColumn, "user_column");
    source.item_column = arguments.name(kMfItemColumn, "item_column");
    source.rating_column = arguments.optional_name(kMfRatingColumn);
    source.time_column = arguments.optional_name(kMfTimeColumn);
    source.fold_in = arguments.boolean(kMfFoldIn, "fold_in");
    source.on_duplicate =
        arguments.is_null(kMfOnDuplicate)
            ? default_on_duplicate(options)
            : choice<OnDuplicate>(arguments, kMfOnDuplicate, "on_duplicate", kOnDuplicateNames);
    return source;
}

// Where nothing says what to hold out, there is no holdout.
std::optional<HoldoutRequest> parse_holdout(const Arguments& arguments, const MfRequest& request) {
    const SplitChoice choice = {
        arguments.text(kMfSplit, "split"),
        arguments.optional_double(kMfHoldout, "holdout", kLeastShare, 1 - kLeastShare),
        arguments.optional_text(kMfSplitFrom)};
    const int k = arguments.integer(kMfK, "k", 1, INT_MAX);
    if (choice.method == "random" && !choice.share && !choice.from) return std::nullopt;
    HoldoutRequest holdout;
    holdout.from = choice.from;
    holdout.split = split_options(choice, request.relation, request.source, arguments.seed(kMfSeed));
    holdout.evaluation.k = k;
    holdout.evaluation.relevant_from = request.options.positive_from;
    holdout.evaluation.seed = request.options.seed;
    holdout.evaluation.threads = request.options.threads;
    return holdout;
}

}  // namespace

MfRequest parse_mf_request(const Arguments& arguments) {
    MfRequest request;
    request.relation = arguments.relation(kMfRatings, "ratings");
    request.model = arguments.text(kMfModel, "model");
    check_model_name(request.model);
    request.options = parse_options(arguments);
    request.source = parse_source(arguments, request.options);
    check_combination(request);
    request.holdout = parse_holdout(arguments, request);
    request.refit = arguments.boolean(kMfRefit, "refit");
    if (request.refit && !request.holdout)
        does_not_fit("refit", "a training without a holdout", "Leave it out, or give holdout => 0.1.");
    return request;
}

std::string options_json(const core::MfOptions& options, OnDuplicate on_duplicate) {
    const auto name = [](const std::vector<const char*>& names, auto choice) {
        return std::string(R"(")") + names[static_cast<std::size_t>(choice)] + '"';
    };
    std::string json = R"({"feedback": )" + name(kFeedbackNames, options.feedback) + R"(, "solver": )" +
                       name(kSolverNames, options.solver) + R"(, "factors": )" +
                       std::to_string(options.factors) + R"(, "iterations": )" +
                       std::to_string(options.iterations) + R"(, "regularization": )" +
                       json_number(*options.regularization);
    if (options.feedback == Feedback::implicit_feedback)
        json += R"(, "unobserved_weight": )" + json_number(*options.unobserved_weight) +
                R"(, "weighting": )" + name(kWeightingNames, options.weighting);
    if (options.positive_from) json += R"(, "positive_from": )" + json_number(*options.positive_from);
    if (options.solver == core::MfSolver::sgd)
        json += R"(, "learning_rate": )" + json_number(*options.learning_rate);
    return json + R"(, "tolerance": )" + json_number(options.tolerance) + R"(, "seed": )" +
           std::to_string(static_cast<std::int64_t>(options.seed)) + R"(, "on_duplicate": )" +
           name(kOnDuplicateNames, on_duplicate) + "}";
}

}  // namespace personalize::pg
