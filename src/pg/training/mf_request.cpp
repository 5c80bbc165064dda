#include "pg/training/mf_request.hpp"

#include "core/factorization/gibbs.hpp"
#include "pg/bridge/json.hpp"
#include "pg/bridge/settings.hpp"

namespace personalize::pg {

namespace {

using core::Feedback;
using core::MfSolver;

static_assert(kMfItems == kMfTail + kTrainerTail);
constexpr int kMaxIterations = 10000, kDefaultAlsIterations = 10, kDefaultSgdIterations = 20,
              kDefaultSweeps = 100;
constexpr int kDefaultSampledFactors = 16;

const std::vector<const char*> kSolverNames = {"als", "sgd", "gibbs"};

void check_combination(const core::MfOptions& options) {
    const std::string solver = kSolverNames[static_cast<std::size_t>(options.solver)];
    const bool is_explicit = options.feedback == Feedback::explicit_feedback;
    if (options.solver != MfSolver::als && !is_explicit)
        does_not_fit(std::string("solver => '") + solver + "'", "implicit feedback",
                     "Use solver => 'als', or feedback => 'explicit'.");
    if (options.solver == MfSolver::gibbs && (options.regularization || options.tolerance > 0))
        does_not_fit(options.regularization ? "regularization" : "tolerance", "solver => 'gibbs'",
                     "Leave it out: Gibbs sampling needs none.");
    if (options.unobserved_weight && is_explicit)
        does_not_fit("unobserved_weight", "explicit feedback",
                     "Leave it out, or use feedback => 'implicit'.");
    if (options.learning_rate && options.solver != MfSolver::sgd)
        does_not_fit("learning_rate", std::string("solver => '") + solver + "'",
                     "Leave it out, or use solver => 'sgd'.");
}

int default_iterations(MfSolver solver) {
    switch (solver) {
        case MfSolver::als:
            return kDefaultAlsIterations;
        case MfSolver::sgd:
            return kDefaultSgdIterations;
        case MfSolver::gibbs:
            break;
    }
    return kDefaultSweeps;
}

core::MfOptions parse_options(const Arguments& arguments, const TrainingRequest& request) {
    constexpr float kTiny = 1e-9f, kHuge = 1e9f;
    core::MfOptions options;
    options.feedback = request.feedback;
    options.weighting = request.weighting;
    options.positive_from = request.positive_from;
    options.solver = choice<MfSolver>(arguments, kMfSolver, "solver", kSolverNames);
    const bool is_sampled = options.solver == MfSolver::gibbs;
    options.factors = arguments
                          .optional_integer(kMfFactors, "factors", core::kMinRank,
                                            is_sampled ? core::gibbs::kLargestRank : core::kMaxRank)
                          .value_or(is_sampled ? kDefaultSampledFactors : core::kDefaultRank);
    options.iterations = arguments.optional_integer(kMfIterations, "iterations", 1, kMaxIterations)
                             .value_or(default_iterations(options.solver));
    options.regularization = arguments.optional_real(kMfRegularization, "regularization", kTiny, kHuge);
    options.unobserved_weight =
        arguments.optional_real(kMfUnobservedWeight, "unobserved_weight", kTiny, kHuge);
    options.learning_rate = arguments.optional_real(kMfLearningRate, "learning_rate", kTiny, 1);
    options.tolerance = arguments.real(kMfTolerance, "tolerance", 0, 1);
    options.seed = static_cast<std::uint64_t>(request.seed);
    options.threads = settings::threads();
    return options;
}

}  // namespace

namespace {

// Nothing where the training has no table of items.
std::optional<ItemTable> parse_items(const Arguments& arguments, const MfRequest& request) {
    if (arguments.is_null(kMfItems)) {
        for (const auto& [position, name] :
             {std::pair(1, "item_key"), {2, "attributes"}, {3, "text_columns"}})
            if (!arguments.is_null(kMfItems + position))
                does_not_fit(name, "a training without items",
                             "Name the table of items with items => '...'.");
        return std::nullopt;
    }
    if (request.options.solver == MfSolver::gibbs)
        does_not_fit("items", "solver => 'gibbs'",
                     "Leave it out, or use solver => 'als' or 'sgd'; train_content takes items, too.");
    return item_table_argument(arguments, kMfItems, request.source);
}

}  // namespace

MfRequest parse_mf_request(const Arguments& arguments) {
    MfRequest request{parse_training_request(arguments, kMfTail), {}, {}};
    request.options = parse_options(arguments, request);
    check_combination(request.options);
    request.items = parse_items(arguments, request);
    return request;
}

std::string options_json(const TrainingRequest& request, const core::MfOptions& options,
                         const std::string& more) {
    std::string json = feedback_json(request) + R"("solver": )" + json_name(kSolverNames, options.solver) +
                       R"(, "factors": )" + std::to_string(options.factors) + R"(, "iterations": )" +
                       std::to_string(options.iterations);
    if (options.regularization) json += R"(, "regularization": )" + json_number(*options.regularization);
    if (options.feedback == Feedback::implicit_feedback)
        json += R"(, "unobserved_weight": )" + json_number(*options.unobserved_weight);
    if (options.solver == MfSolver::sgd)
        json += R"(, "learning_rate": )" + json_number(*options.learning_rate);
    if (options.solver != MfSolver::gibbs) json += R"(, "tolerance": )" + json_number(options.tolerance);
    return json + more + reading_json(request);
}

}  // namespace personalize::pg
