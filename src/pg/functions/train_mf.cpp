// train_mf: matrix factorization of a ratings table, from reading it to the new active version.
#include "core/factorization/als.hpp"
#include "core/factorization/fold_in.hpp"
#include "core/factorization/sgd.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/bridge/unused_memory.hpp"
#include "pg/training/mf_request.hpp"
#include "pg/training/ratings_training.hpp"

namespace personalize::pg {

namespace {

using core::Feedback;

// What the solver is asked for, defaults filled in from the data.
struct Plan {
    core::Objective objective;
    core::FeedbackRule rule;
    float learning_rate;
};

Plan make_plan(const MfRequest& request, const core::SparseMatrix& ratings) {
    Plan plan;
    const float* positive_from = request.positive_from ? &*request.positive_from : nullptr;
    plan.rule = core::FeedbackRule::fit(ratings, request.feedback, request.weighting, positive_from);
    plan.objective.feedback = request.feedback;
    plan.objective.rank = request.factors;
    plan.objective.regularization = request.regularization.value_or(
        core::default_regularization(request.feedback, request.gradient_descent));
    if (request.feedback == Feedback::implicit_feedback)
        plan.objective.unobserved_weight = request.unobserved_weight.value_or(
            core::default_unobserved_weight(ratings.rows(), ratings.columns_count, ratings.nonzeros()));
    plan.learning_rate = request.learning_rate.value_or(core::sgd::Options().learning_rate);
    return plan;
}

struct Trained {
    core::Factors users, items;
    std::vector<double> loss;
};

// The options that both solvers have.
template <typename Options>
Options options_of(const MfRequest& request, const Plan& plan) {
    Options options;
    options.objective = plan.objective;
    options.iterations = request.iterations;
    options.tolerance = request.tolerance;
    options.seed = static_cast<std::uint64_t>(request.seed);
    options.threads = settings::threads();
    return options;
}

Trained run_als(const MfRequest& request, const Plan& plan, const core::SparseMatrix& by_user,
                RatingsTraining& training) {
    const auto options = options_of<core::als::Options>(request, plan);
    training.budget().reserve(core::als::memory(by_user.rows(), by_user.columns_count, options),
                              "the training");
    const core::SparseMatrix by_item = core::transpose(by_user, training.host());
    auto model = core::als::train(by_user, by_item, options, training.host());
    return {std::move(model.users), std::move(model.items), std::move(model.loss)};
}

Trained run_sgd(const MfRequest& request, const Plan& plan, const core::SparseMatrix& by_user,
                RatingsTraining& training) {
    auto options = options_of<core::sgd::Options>(request, plan);
    options.learning_rate = plan.learning_rate;
    training.budget().reserve(
        core::sgd::memory(by_user.rows(), by_user.columns_count, by_user.nonzeros(), options),
        "the training");
    auto model = core::sgd::train(by_user, options, training.host());
    return {std::move(model.users), std::move(model.items), std::move(model.loss)};
}

TrainingSummary save(const MfRequest& request, const Plan& plan, const core::Ratings& ratings,
                     Trained& trained, RatingsTraining& training) {
    const auto popularity = core::count_popularity(ratings.by_user, request.feedback);
    const auto order = core::order_by_popularity(popularity);
    std::vector<float> base;
    if (request.feedback == Feedback::implicit_feedback) {
        base.resize(core::base_gram_floats(request.factors));
        core::base_gram(trained.items.view(), plan.objective, base.data(), settings::threads(),
                        training.host());
    }
    const core::ModelParts parts = {plan.objective,
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
    return training.save(request.gradient_descent ? "mf_sgd" : "mf_als",
                         options_json(request, plan.objective, plan.learning_rate), ratings,
                         std::move(trained.loss), parts);
}

TrainingSummary train(const MfRequest& request) {
    RatingsTraining training(request.model, request.relation, request.source);
    core::Ratings ratings = training.read();
    const Plan plan = make_plan(request, ratings.by_user);
    core::encode(ratings.by_user, plan.rule);
    training.start_training();
    Trained trained =
        (request.gradient_descent ? run_sgd : run_als)(request, plan, ratings.by_user, training);
    training.start_writing();
    return save(request, plan, ratings, trained, training);
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(train_mf) {
    using namespace personalize::pg;
    const ReturnsUnusedMemory at_end;
    return summary_datum(fcinfo, train(parse_mf_request(Arguments(fcinfo))));
}
