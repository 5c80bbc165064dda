#include "core/factorization/sgd.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/ratings/transpose.hpp"
#include "core/runtime/error.hpp"
#include "factorization/made_ratings.hpp"
#include "factorization/naive_als.hpp"

namespace personalize::core {
namespace {

sgd::Options made_options(int rank) {
    sgd::Options options;
    options.objective = {Feedback::explicit_feedback, rank, .002f, 0, 1};
    options.iterations = 150;
    options.learning_rate = .02f;
    options.seed = 5;
    return options;
}

SparseMatrix planted_ratings(const test::Planted& planted) {
    return test::made_matrix(300, 200, .3, [&](auto u, auto i, auto&) { return planted(u, i); });
}

sgd::Model train(const SparseMatrix& by_user, const sgd::Options& options) {
    QuietHost host;
    return sgd::train(by_user, options, host);
}

TEST(Sgd, FindsAPlantedModel) {
    const test::Planted planted(300, 200);
    const sgd::Model model = train(planted_ratings(planted), made_options(4));
    double squares = 0, spread = 0;
    for (std::int64_t u = 0; u < 300; u++) {
        for (std::int64_t i = 0; i < 200; i++) {
            float score = 0;
            for (int k = 0; k < model.users.width(); k++)
                score += model.users.row(u)[k] * model.items.row(i)[k];
            squares += std::pow(score - planted(u, i), 2);
            spread += std::pow(planted(u, i), 2);
        }
    }
    EXPECT_LT(squares, .02 * spread);
}

TEST(Sgd, LossIsTheObjectiveAndGoesDown) {
    const SparseMatrix by_user = planted_ratings(test::Planted(300, 200));
    sgd::Options options = made_options(17);
    options.iterations = 5;
    const sgd::Model model = train(by_user, options);
    const double expected = test::Naive(options.objective, model.users.view(), model.items.view())
                                .loss(by_user, transpose(by_user));
    EXPECT_NEAR(model.loss.back(), expected, 1e-5 * expected);
    for (std::size_t k = 1; k < model.loss.size(); k++) EXPECT_LT(model.loss[k], model.loss[k - 1]);
}

TEST(Sgd, BitsDoNotDependOnThreads) {
    const SparseMatrix by_user = planted_ratings(test::Planted(300, 200));
    sgd::Options options = made_options(20);
    options.iterations = 3;
    const sgd::Model expected = train(by_user, options);
    for (const int threads : {2, 3}) {
        options.threads = threads;
        const sgd::Model model = train(by_user, options);
        EXPECT_TRUE(test::same_bits(expected.users.view(), model.users.view()));
        EXPECT_TRUE(test::same_bits(expected.items.view(), model.items.view()));
        EXPECT_EQ(expected.loss, model.loss);
    }
}

TEST(Sgd, KeepsTheColumnsOfOnes) {
    sgd::Options options = made_options(10);
    options.iterations = 2;
    const sgd::Model model = train(planted_ratings(test::Planted(300, 200)), options);
    for (int r = 0; r < 200; r++) {
        EXPECT_EQ(model.users.row(r)[10], 1);
        EXPECT_EQ(model.items.row(r)[11], 1);
        EXPECT_EQ(model.items.row(r)[12], 0);
    }
}

TEST(Sgd, DivergingIsAnErrorWithAHint) {
    sgd::Options options = made_options(10);
    options.learning_rate = 10;
    try {
        train(planted_ratings(test::Planted(300, 200)), options);
        FAIL();
    } catch (const InvalidInput& error) {
        EXPECT_NE(error.hint().find("learning_rate"), std::string::npos);
    }
}

TEST(Sgd, OptionsOutOfRange) {
    const SparseMatrix by_user = test::made_likes(5, 5, .5);
    const auto refuses = [&](const auto& change) {
        sgd::Options options = made_options(8);
        change(options);
        EXPECT_THROW(train(by_user, options), InvalidInput);
    };
    refuses([](auto& o) { o.objective.rank = 0; });
    refuses([](auto& o) { o.objective.feedback = Feedback::implicit_feedback; });
    refuses([](auto& o) { o.objective.regularization = -1; });
    refuses([](auto& o) { o.learning_rate = 0; });
    refuses([](auto& o) { o.iterations = 0; });
    refuses([](auto& o) { o.threads = 0; });
}

TEST(Sgd, ToleranceStopsEarly) {
    sgd::Options options = made_options(4);
    options.tolerance = .02;
    EXPECT_LT(train(planted_ratings(test::Planted(300, 200)), options).loss.size(), 150u);
}

TEST(Sgd, OneUserAndOneItem) {
    sgd::Options options = made_options(64);
    EXPECT_TRUE(std::isfinite(train(test::made_likes(1, 1, 1), options).loss.back()));
}

}  // namespace
}  // namespace personalize::core
