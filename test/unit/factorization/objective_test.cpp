#include "core/factorization/objective.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace personalize::core {
namespace {

TEST(Objective, RidgeGrowsWithObservations) {
    const Objective linear{Feedback::implicit_feedback, 8, .5f, .1f, 1};
    EXPECT_FLOAT_EQ(linear.ridge(3, 50), .5f * 8);
    const Objective root{Feedback::implicit_feedback, 8, .5f, .1f, .5f};
    EXPECT_FLOAT_EQ(root.ridge(4, 50), .5f * 3);
    const Objective flat{Feedback::implicit_feedback, 8, .5f, .1f, 0};
    EXPECT_FLOAT_EQ(flat.ridge(4, 50), .5f);
    const Objective with_biases{Feedback::explicit_feedback, 8, .5f, 0, 1};
    EXPECT_FLOAT_EQ(with_biases.ridge(3, 50), 1.5f);
    EXPECT_EQ(with_biases.width(), 10);
}

TEST(Objective, DefaultUnobservedWeightFollowsDensity) {
    EXPECT_FLOAT_EQ(default_unobserved_weight(1000, 1000, 1000), .015f);
    EXPECT_FLOAT_EQ(default_unobserved_weight(1'000'000, 1'000'000, 1000), .001f);
    EXPECT_FLOAT_EQ(default_unobserved_weight(10, 10, 100), 1);
    EXPECT_FLOAT_EQ(default_unobserved_weight(0, 0, 0), .001f);
}

TEST(Objective, DefaultRegularization) {
    EXPECT_FLOAT_EQ(default_explicit_regularization(false), .12f);
    EXPECT_FLOAT_EQ(default_explicit_regularization(true), .02f);
    EXPECT_FLOAT_EQ(default_regularization(30'000, 40'000, 800'000, .01f), .004f);
    EXPECT_FLOAT_EQ(default_regularization(10'000, 1'000, 40'000, .06f), .004f);
    EXPECT_NEAR(default_regularization(9'835, 169, 43'000, .39f), .004 * std::pow(1000. / 169, .9), 1e-6);
    EXPECT_NEAR(default_regularization(4'000, 100, 40'000, 1), 1.5 / 110, 1e-6);  // many choices each
    EXPECT_FLOAT_EQ(default_regularization(10'000, 50, 15'000, .3f), .03f);
    EXPECT_FLOAT_EQ(default_regularization(0, 0, 0, .001f), .03f);
}

}  // namespace
}  // namespace personalize::core
