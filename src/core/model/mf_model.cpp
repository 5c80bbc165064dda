#include "core/model/mf_model.hpp"

#include <algorithm>

#include "core/factorization/als.hpp"
#include "core/factorization/fold_in.hpp"
#include "core/factorization/gibbs.hpp"
#include "core/factorization/sgd.hpp"
#include "core/ratings/transpose.hpp"
#include "core/runtime/memory_claim.hpp"

namespace personalize::core {

namespace {

Objective objective_of(const MfOptions& options) {
    Objective objective;
    objective.feedback = options.feedback;
    objective.rank = options.factors;
    objective.regularization = options.regularization.value_or(0);
    objective.unobserved_weight = options.unobserved_weight.value_or(0);
    return objective;
}

// The options that both solvers have.
template <class Options>
Options solver_options(const MfOptions& options, const Objective& objective) {
    Options result;
    result.objective = objective;
    result.iterations = options.iterations;
    result.tolerance = options.tolerance;
    result.seed = options.seed;
    result.threads = options.threads;
    return result;
}

template <class Solved>
void take_over(Solved&& solved, MfModel& model) {
    model.users = std::move(solved.users);
    model.items = std::move(solved.items);
    model.loss = std::move(solved.loss);
}

SparseMatrix transposed(const SparseMatrix& matrix, int threads, MemoryBudget& budget, Host& host) {
    MemoryClaim claim(&budget, "the training");
    claim.add(transpose_memory(matrix));
    return transpose(matrix, threads, host);
}

void run_als(const SparseMatrix& by_user, MemoryBudget& budget, Host& host, MfModel& model) {
    const auto als_options = solver_options<als::Options>(model.options, model.objective);
    budget.reserve(als::memory(by_user.rows(), by_user.columns_count, als_options), "the training");
    const SparseMatrix by_item = transposed(by_user, als_options.threads, budget, host);
    take_over(als::train(by_user, by_item, als_options, host), model);
}

void run_sgd(const SparseMatrix& by_user, MemoryBudget& budget, Host& host, MfModel& model) {
    auto sgd_options = solver_options<sgd::Options>(model.options, model.objective);
    sgd_options.learning_rate = *model.options.learning_rate;
    budget.reserve(sgd::memory(by_user.rows(), by_user.columns_count, by_user.nonzeros(), sgd_options),
                   "the training");
    take_over(sgd::train(by_user, sgd_options, host), model);
}

gibbs::Options gibbs_options(const MfOptions& options) {
    gibbs::Options result;
    result.rank = options.factors;
    result.burn_in = options.iterations / 5;
    result.samples = options.iterations - result.burn_in;
    result.kept = std::min({result.kept, result.samples, gibbs::kMostColumns / result.rank});
    result.seed = options.seed;
    result.threads = options.threads;
    return result;
}

void run_gibbs(const SparseMatrix& by_user, MemoryBudget& budget, Host& host, MfModel& model) {
    const gibbs::Options options = gibbs_options(model.options);
    budget.reserve(gibbs::memory(by_user.rows(), by_user.columns_count, options), "the training");
    const SparseMatrix by_item = transposed(by_user, options.threads, budget, host);
    gibbs::Model sampled = gibbs::train(by_user, by_item, options, host);
    model.objective.rank = sampled.rank * sampled.samples;
    model.posterior = std::move(sampled.parameters);
    model.posterior_samples = sampled.samples;
    take_over(sampled, model);
}

void run(const SparseMatrix& by_user, MemoryBudget& budget, Host& host, MfModel& model) {
    switch (model.options.solver) {
        case MfSolver::als:
            return run_als(by_user, budget, host, model);
        case MfSolver::sgd:
            return run_sgd(by_user, budget, host, model);
        case MfSolver::gibbs:
            return run_gibbs(by_user, budget, host, model);
    }
}

}  // namespace

const char* algorithm_name(MfSolver solver) noexcept {
    constexpr const char* kNames[] = {"mf_als", "mf_sgd", "mf_gibbs"};
    return kNames[static_cast<std::size_t>(solver)];
}

MfOptions completed(MfOptions options, const SparseMatrix& by_user) {
    const bool gradient_descent = options.solver == MfSolver::sgd;
    const std::int64_t users = by_user.rows(), items = by_user.columns_count, observed = by_user.nonzeros();
    if (options.feedback == Feedback::implicit_feedback) {
        if (!options.unobserved_weight)
            options.unobserved_weight = default_unobserved_weight(users, items, observed);
        if (!options.regularization)
            options.regularization =
                default_regularization(users, items, observed, *options.unobserved_weight);
    } else if (!options.regularization && options.solver != MfSolver::gibbs) {
        options.regularization = default_explicit_regularization(gradient_descent);
    }
    if (!options.learning_rate && gradient_descent) options.learning_rate = sgd::Options().learning_rate;
    return options;
}

ModelParts MfModel::parts(const Ratings& ratings) const {
    ModelParts parts{objective,    rule,      ratings.users.view(), ratings.items.view(), users.view(),
                     items.view(), base_gram, popularity,           popular_order,        seen.view()};
    if (posterior_samples > 0)
        parts.posterior = {objective.rank / posterior_samples, posterior_samples, posterior.data()};
    return parts;
}

FeedbackRule encode_ratings(Ratings& ratings, const MfOptions& options) {
    return fit_and_encode(ratings, options.feedback, options.weighting, options.positive_from);
}

MfModel train_mf(const Ratings& ratings, const FeedbackRule& rule, const MfOptions& options,
                 MemoryBudget& budget, Host& host) {
    MfModel model;
    model.options = completed(options, ratings.by_user);
    model.objective = objective_of(model.options);
    model.rule = rule;
    model.seen = SeenItemsList(ratings.by_user, budget, host);
    run(ratings.by_user, budget, host, model);
    model.popularity = count_popularity(ratings.by_user, options.feedback);
    model.popular_order = order_by_popularity(model.popularity);
    if (options.feedback == Feedback::implicit_feedback) {
        model.base_gram.resize(base_gram_floats(options.factors));
        base_gram(model.items.view(), model.objective, model.base_gram.data(), options.threads, host);
    }
    return model;
}

}  // namespace personalize::core
