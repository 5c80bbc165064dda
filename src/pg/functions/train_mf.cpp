// train_mf: matrix factorization of a ratings table, from reading it to the new active version.
#include <chrono>
#include <cmath>

#include "core/factorization/als.hpp"
#include "core/factorization/fold_in.hpp"
#include "core/factorization/sgd.hpp"
#include "core/model/model_image.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/pg_host.hpp"
#include "pg/bridge/read_rows.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/bridge/unused_memory.hpp"
#include "pg/model_store/model_writer.hpp"
#include "pg/sources/ratings_source.hpp"

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
constexpr float kDefaultLearningRate = .005f;

const std::vector<const char*> kFeedbackNames = {"implicit", "explicit"};
const std::vector<const char*> kWeightingNames = {"binary", "linear", "log"};
const std::vector<const char*> kSolverNames = {"als", "sgd"};
const std::vector<const char*> kOnDuplicateNames = {"sum", "mean", "last", "error"};

struct Request {
    std::string model;
    Source source;
    Feedback feedback;
    Weighting weighting;
    std::optional<float> positive_from, regularization, unobserved_weight, learning_rate;
    int factors, iterations;
    bool gradient_descent;
    float tolerance;
    std::int64_t seed;
};

[[noreturn]] void does_not_fit(const std::string& option, const std::string& reason,
                               const std::string& hint) {
    throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, option + " does not apply to " + reason, hint);
}

void check_combination(const Request& request) {
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
OnDuplicate default_on_duplicate(const Request& request) {
    const bool opinions = request.feedback == Feedback::explicit_feedback || request.positive_from;
    return opinions ? OnDuplicate::mean : OnDuplicate::sum;
}

std::optional<float> optional_in_range(const Arguments& arguments, int position, const char* name, float low,
                                       float high) {
    if (arguments.is_null(position)) return std::nullopt;
    return arguments.real(position, name, low, high);
}

std::string column_name(const Arguments& arguments, int position, const char* name) {
    if (auto column = arguments.optional_name(position)) return *column;
    throw SqlError(ERRCODE_NULL_VALUE_NOT_ALLOWED, std::string(name) + " must not be NULL");
}

Source parse_source(const Arguments& arguments) {
    Source source;
    source.user_column = column_name(arguments, kUserColumnName, "user_column");
    source.item_column = column_name(arguments, kItemColumnName, "item_column");
    source.rating_column = arguments.optional_name(kRatingColumnName);
    source.time_column = arguments.optional_name(kTimeColumnName);
    source.fold_in = arguments.boolean(kFoldInChoice, "fold_in");
    return source;
}

Request parse(const Arguments& arguments) {
    constexpr float kTiny = 1e-9f, kHuge = 1e9f;
    Request request;
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

class Stopwatch {
  public:
    double lap() {
        const auto now = std::chrono::steady_clock::now();
        const double seconds = std::chrono::duration<double>(now - last_).count();
        last_ = now;
        return seconds;
    }

  private:
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

struct Timings {
    double read = 0, build = 0, train = 0, write = 0;
    double total() const { return read + build + train + write; }
    std::string json() const {
        char text[256];
        std::snprintf(text, sizeof text, R"({"read": %.3f, "build": %.3f, "train": %.3f, "write": %.3f})",
                      read, build, train, write);
        return text;
    }
};

// What the solver is asked for, defaults filled in from the data.
struct Plan {
    core::Objective objective;
    core::FeedbackRule rule;
    float learning_rate = kDefaultLearningRate;
};

Plan make_plan(const Request& request, const core::Ratings& ratings) {
    Plan plan;
    const core::SparseMatrix& matrix = ratings.by_user;
    const float* positive_from = request.positive_from ? &*request.positive_from : nullptr;
    plan.rule = core::FeedbackRule::fit(matrix, request.feedback, request.weighting, positive_from);
    plan.objective.feedback = request.feedback;
    plan.objective.rank = request.factors;
    plan.objective.regularization = request.regularization.value_or(
        core::default_regularization(request.feedback, request.gradient_descent));
    if (request.feedback == Feedback::implicit_feedback)
        plan.objective.unobserved_weight = request.unobserved_weight.value_or(
            core::default_unobserved_weight(matrix.rows(), matrix.columns_count, matrix.nonzeros()));
    plan.learning_rate = request.learning_rate.value_or(kDefaultLearningRate);
    return plan;
}

std::string json_number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.7g", value);
    return text;
}

std::string options_json(const Request& request, const Plan& plan) {
    std::string json = std::string(R"({"feedback": ")") + kFeedbackNames[static_cast<int>(request.feedback)] +
                       R"(", "solver": ")" + kSolverNames[request.gradient_descent] + R"(", "factors": )" +
                       std::to_string(request.factors) + R"(, "iterations": )" +
                       std::to_string(request.iterations) + R"(, "regularization": )" +
                       json_number(plan.objective.regularization);
    if (request.feedback == Feedback::implicit_feedback)
        json += R"(, "unobserved_weight": )" + json_number(plan.objective.unobserved_weight) +
                R"(, "weighting": ")" + kWeightingNames[static_cast<int>(request.weighting)] + '"';
    if (request.positive_from) json += R"(, "positive_from": )" + json_number(*request.positive_from);
    if (request.gradient_descent) json += R"(, "learning_rate": )" + json_number(plan.learning_rate);
    return json + R"(, "tolerance": )" + json_number(request.tolerance) + R"(, "seed": )" +
           std::to_string(request.seed) + R"(, "on_duplicate": ")" +
           kOnDuplicateNames[static_cast<int>(request.source.on_duplicate)] + R"("})";
}

std::string metrics_json(const std::vector<double>& loss) {
    std::string json = R"({"loss": )" + json_number(loss.back()) + R"(, "loss_by_iteration": [)";
    for (std::size_t k = 0; k < loss.size(); k++) json += (k > 0 ? ", " : "") + json_number(loss[k]);
    return json + "]}";
}

struct Trained {
    core::Factors users, items;
    std::vector<double> loss;
};

Trained run_als(const Request& request, const Plan& plan, const core::SparseMatrix& by_user,
                core::MemoryBudget& budget, core::Host& host) {
    core::als::Options options;
    options.objective = plan.objective;
    options.iterations = request.iterations;
    options.tolerance = request.tolerance;
    options.seed = static_cast<std::uint64_t>(request.seed);
    options.threads = settings::threads();
    budget.reserve(core::als::memory(by_user.rows(), by_user.columns_count, options), "the training");
    const core::SparseMatrix by_item = core::transpose(by_user, host);
    auto model = core::als::train(by_user, by_item, options, host);
    return {std::move(model.users), std::move(model.items), std::move(model.loss)};
}

Trained run_sgd(const Request& request, const Plan& plan, const core::SparseMatrix& by_user,
                core::MemoryBudget& budget, core::Host& host) {
    core::sgd::Options options;
    options.objective = plan.objective;
    options.iterations = request.iterations;
    options.learning_rate = plan.learning_rate;
    options.tolerance = request.tolerance;
    options.seed = static_cast<std::uint64_t>(request.seed);
    options.threads = settings::threads();
    budget.reserve(core::sgd::memory(by_user.rows(), by_user.columns_count, by_user.nonzeros(), options),
                   "the training");
    auto model = core::sgd::train(by_user, options, host);
    return {std::move(model.users), std::move(model.items), std::move(model.loss)};
}

// Users per item: those who like it, or who rated it.
std::vector<float> count_popularity(const core::SparseMatrix& by_user, Feedback feedback) {
    std::vector<float> count(static_cast<std::size_t>(by_user.columns_count));
    for (std::size_t k = 0; k < by_user.columns.size(); k++)
        if (feedback == Feedback::explicit_feedback || by_user.values[k] > 0) count[by_user.columns[k]] += 1;
    return count;
}

core::ModelBytes make_image(const Plan& plan, const core::Ratings& ratings, const Trained& trained,
                            core::MemoryBudget& budget, core::Host& host, core::ModelParts& parts) {
    const auto popularity = count_popularity(ratings.by_user, plan.rule.feedback);
    const auto order = core::order_by_popularity(popularity);
    std::vector<float> base;
    if (plan.objective.feedback == Feedback::implicit_feedback) {
        base.resize(core::base_gram_floats(plan.objective.rank));
        core::base_gram(trained.items.view(), plan.objective, base.data(), settings::threads(), host);
    }
    parts = {plan.objective,
             plan.rule,
             ratings.users.view(),
             ratings.items.view(),
             trained.users.view(),
             trained.items.view(),
             base,
             popularity,
             order,
             ratings.by_user.start,
             ratings.by_user.columns};
    budget.reserve(core::model_image_size(parts), "the model");
    return core::write_model_image(parts);
}

void notice_missing_index(const RatingsSource& source) {
    const std::string index = missing_index(source);
    if (index.empty()) return;
    call([&source, statement = index.c_str()] {
        ereport(NOTICE,
                errmsg("no index on column \"%s\": recommend_for will scan the whole table at each call",
                       source.columns.user_column.c_str()),
                errhint("%s;", statement));
    });
}

struct Outcome {
    NewVersion saved;
    int number = 0;
    std::int64_t users = 0, items = 0;
    int iterations = 0;
    double loss = 0;
    Timings timings;
};

core::Ratings read_and_build(const Request& request, const RatingsSource& source, core::MemoryBudget& budget,
                             PgHost& host, ProgressSlot& progress, Stopwatch& watch, Outcome& outcome) {
    progress.phase("reading");
    core::RatingsBuilder builder(source.user_type, source.item_type, request.source.time_column.has_value(),
                                 budget);
    const RowCounts rows = read_ratings(source, builder, progress);
    if (builder.rows() == 0)
        throw SqlError(
            ERRCODE_INVALID_PARAMETER_VALUE,
            quoted_relation(source.relation) + " has no rating to train on: " + std::to_string(rows.read) +
                " rows read, " + std::to_string(rows.skipped) + " skipped",
            "Rows with a NULL id or with a NULL or NaN rating are skipped, and only rows that you may see "
            "are read.");
    outcome.saved.skipped = rows.skipped;
    outcome.timings.read = watch.lap();
    progress.phase("building");
    return builder.finish(request.source.on_duplicate, host);
}

Outcome train(const Request& request, Oid relation) {
    const RatingsSource source = describe_source(relation, request.source);
    claim_for_training(request.model);
    notice_missing_index(source);
    ProgressSlot progress(request.model);
    PgHost host(&progress);
    core::MemoryBudget budget(settings::max_memory());
    Outcome outcome;
    Stopwatch watch;

    core::Ratings ratings = read_and_build(request, source, budget, host, progress, watch, outcome);
    const Plan plan = make_plan(request, ratings);
    core::encode(ratings.by_user, plan.rule);
    outcome.timings.build = watch.lap();

    progress.phase("training");
    const Trained trained =
        (request.gradient_descent ? run_sgd : run_als)(request, plan, ratings.by_user, budget, host);
    outcome.timings.train = watch.lap();

    progress.phase("writing");
    core::ModelParts parts;
    const core::ModelBytes image = make_image(plan, ratings, trained, budget, host, parts);
    NewVersion& saved = outcome.saved;
    saved.model = request.model;
    saved.algorithm = request.gradient_descent ? "mf_sgd" : "mf_als";
    saved.source = source.columns;
    saved.ratings = ratings.by_user.nonzeros();
    saved.merged = ratings.merged;
    saved.options = options_json(request, plan);
    saved.metrics = metrics_json(trained.loss);
    saved.train_seconds = outcome.timings.total() + watch.lap();
    outcome.number = save_version(saved, parts, image);
    outcome.timings.write = saved.train_seconds - outcome.timings.total() + watch.lap();
    outcome.users = parts.users.size();
    outcome.items = parts.items.size();
    outcome.iterations = static_cast<int>(trained.loss.size());
    outcome.loss = trained.loss.back();
    return outcome;
}

// Inside call().
Datum summary_row(FunctionCallInfo fcinfo, const Outcome& outcome, const char* timings) {
    TupleDesc description;
    if (get_call_result_type(fcinfo, nullptr, &description) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "train_mf must return a row");
    const NewVersion& saved = outcome.saved;
    const auto text = [](const std::string& value) { return CStringGetTextDatum(value.c_str()); };
    const auto jsonb = [](const char* value) {
        return DirectFunctionCall1(jsonb_in, CStringGetDatum(value));
    };
    Datum values[] = {text(saved.model),
                      Int32GetDatum(outcome.number),
                      text(saved.algorithm),
                      Int64GetDatum(outcome.users),
                      Int64GetDatum(outcome.items),
                      Int64GetDatum(saved.ratings),
                      Int64GetDatum(saved.skipped),
                      Int64GetDatum(saved.merged),
                      Int32GetDatum(outcome.iterations),
                      Float8GetDatum(outcome.loss),
                      Float8GetDatum(outcome.timings.total()),
                      jsonb(saved.options.c_str()),
                      jsonb(timings)};
    bool nulls[std::size(values)] = {};
    return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(description), values, nulls));
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(train_mf) {
    using namespace personalize::pg;
    call([] {
        PreventCommandIfReadOnly("train_mf()");
        PreventCommandIfParallelMode("train_mf()");
        PreventCommandDuringRecovery("train_mf()");
    });
    const ReturnsUnusedMemory at_end;
    const Arguments arguments(fcinfo);
    if (arguments.is_null(kRatings))
        throw SqlError(ERRCODE_NULL_VALUE_NOT_ALLOWED, "ratings must not be NULL");
    const Request request = parse(arguments);
    const Outcome outcome = train(request, DatumGetObjectId(arguments.datum(kRatings)));
    const std::string timings = outcome.timings.json();
    return call([fcinfo, &outcome, json = timings.c_str()] { return summary_row(fcinfo, outcome, json); });
}
