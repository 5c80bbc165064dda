#include "pg/training/mf_request.hpp"

#include <cmath>

#include "pg/model_store/model_writer.hpp"

namespace personalize::pg {

namespace {

using core::Feedback;
using core::OnDuplicate;
using core::Weighting;

// Positions of the SQL function's arguments.
enum Argument {
    kRatings,
    kModelName,
    kUserColumnName,
    kItemColumnName,
    kRatingColumnName,
    kFeedback,
    kPositiveFrom,
    kWeighting,
    kFactors,
    kIterations,
    kRegularization,
    kUnobservedWeight,
    kSolver,
    kLearningRate,
    kTolerance,
    kSeed,
    kOnDuplicateChoice,
    kTimeColumnName,
    kFoldInChoice,
};

constexpr int kMaxIterations = 10000, kDefaultAlsIterations = 10, kDefaultSgdIterations = 20;

const std::vector<const char*> kFeedbackNames = {"implicit", "explicit"};
const std::vector<const char*> kWeightingNames = {"binary", "linear", "log"};
const std::vector<const char*> kSolverNames = {"als", "sgd"};
const std::vector<const char*> kOnDuplicateNames = {"sum", "mean", "last", "error"};

[[noreturn]] void does_not_fit(const std::string& option, const std::string& reason,
                               const std::string& hint) {
    throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, option + " does not apply to " + reason, hint);
}

void check_combination(const MfRequest& request) {
    const bool is_explicit = request.feedback == Feedback::explicit_feedback;
    if (request.gradient_descent && !is_explicit)
        does_not_fit("solver => 'sgd'", "implicit feedback",
                     "Use solver => 'als', or feedback => 'explicit'.");
    if (is_explicit && request.positive_from)
        does_not_fit("positive_from", "explicit feedback", "Leave it out, or use feedback => 'implicit'.");
    if (is_explicit && request.weighting != Weighting::binary)
        does_not_fit("weighting", "explicit feedback", "Leave it out, or use feedback => 'implicit'.");
    if (is_explicit && request.unobserved_weight)
        does_not_fit("unobserved_weight", "explicit feedback",
                     "Leave it out, or use feedback => 'implicit'.");
    if (request.learning_rate && !request.gradient_descent)
        does_not_fit("learning_rate", "solver => 'als'", "Leave it out, or use solver => 'sgd'.");
    if (is_explicit && !request.source.rating_column)
        does_not_fit("rating_column => NULL", "explicit feedback",
                     "Name the column with the ratings, or use feedback => 'implicit'.");
    if (request.source.on_duplicate == OnDuplicate::last && !request.source.time_column)
        throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, "on_duplicate => 'last' needs a time column",
                       "Name it with time_column => '...'.");
    if (request.positive_from && !std::isfinite(*request.positive_from))
        throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, "positive_from is not a finite number",
                       "Give the lowest rating that is a like.");
}

// Repeats are counts, unless ratings are opinions.
OnDuplicate default_on_duplicate(const MfRequest& request) {
    const bool opinions = request.feedback == Feedback::explicit_feedback || request.positive_from;
    return opinions ? OnDuplicate::mean : OnDuplicate::sum;
}

std::optional<float> optional_in_range(const Arguments& arguments, int position, const char* name, float low,
                                       float high) {
    if (arguments.is_null(position)) return std::nullopt;
    return arguments.real(position, name, low, high);
}

Source parse_source(const Arguments& arguments) {
    Source source;
    source.user_column = arguments.column(kUserColumnName, "user_column");
    source.item_column = arguments.column(kItemColumnName, "item_column");
    source.rating_column = arguments.optional_name(kRatingColumnName);
    source.time_column = arguments.optional_name(kTimeColumnName);
    source.fold_in = arguments.boolean(kFoldInChoice, "fold_in");
    return source;
}

std::string json_number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.7g", value);
    return text;
}

}  // namespace

MfRequest parse_mf_request(const Arguments& arguments) {
    constexpr float kTiny = 1e-9f, kHuge = 1e9f;
    MfRequest request;
    request.relation = arguments.relation(kRatings, "ratings");
    request.model = arguments.text(kModelName, "model");
    check_model_name(request.model);
    request.source = parse_source(arguments);
    request.feedback =
        static_cast<Feedback>(one_of(arguments.text(kFeedback, "feedback"), "feedback", kFeedbackNames));
    request.weighting =
        static_cast<Weighting>(one_of(arguments.text(kWeighting, "weighting"), "weighting", kWeightingNames));
    request.gradient_descent = one_of(arguments.text(kSolver, "solver"), "solver", kSolverNames) == 1;
    request.positive_from = arguments.optional_real(kPositiveFrom);
    request.factors = arguments.integer(kFactors, "factors", core::kMinRank, core::kMaxRank);
    const int default_iterations = request.gradient_descent ? kDefaultSgdIterations : kDefaultAlsIterations;
    request.iterations = arguments.is_null(kIterations)
                             ? default_iterations
                             : arguments.integer(kIterations, "iterations", 1, kMaxIterations);
    request.regularization = optional_in_range(arguments, kRegularization, "regularization", kTiny, kHuge);
    request.unobserved_weight =
        optional_in_range(arguments, kUnobservedWeight, "unobserved_weight", kTiny, kHuge);
    request.learning_rate = optional_in_range(arguments, kLearningRate, "learning_rate", kTiny, 1);
    request.tolerance = arguments.real(kTolerance, "tolerance", 0, 1);
    request.seed = arguments.is_null(kSeed) ? 0 : DatumGetInt64(arguments.datum(kSeed));
    const auto on_duplicate = arguments.optional_text(kOnDuplicateChoice);
    request.source.on_duplicate =
        on_duplicate ? static_cast<OnDuplicate>(one_of(*on_duplicate, "on_duplicate", kOnDuplicateNames))
                     : default_on_duplicate(request);
    check_combination(request);
    return request;
}

std::string options_json(const MfRequest& request, const core::Objective& objective, float learning_rate) {
    std::string json = std::string(R"({"feedback": ")") + kFeedbackNames[static_cast<int>(request.feedback)] +
                       R"(", "solver": ")" + kSolverNames[request.gradient_descent] + R"(", "factors": )" +
                       std::to_string(request.factors) + R"(, "iterations": )" +
                       std::to_string(request.iterations) + R"(, "regularization": )" +
                       json_number(objective.regularization);
    if (request.feedback == Feedback::implicit_feedback)
        json += R"(, "unobserved_weight": )" + json_number(objective.unobserved_weight) +
                R"(, "weighting": ")" + kWeightingNames[static_cast<int>(request.weighting)] + '"';
    if (request.positive_from) json += R"(, "positive_from": )" + json_number(*request.positive_from);
    if (request.gradient_descent) json += R"(, "learning_rate": )" + json_number(learning_rate);
    return json + R"(, "tolerance": )" + json_number(request.tolerance) + R"(, "seed": )" +
           std::to_string(request.seed) + R"(, "on_duplicate": ")" +
           kOnDuplicateNames[static_cast<int>(request.source.on_duplicate)] + R"("})";
}

}  // namespace personalize::pg
