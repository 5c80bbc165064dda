#include "core/ratings/feedback.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "core/runtime/error.hpp"

namespace personalize::core {
namespace {

SparseMatrix one_user(const std::vector<float>& values) {
    SparseMatrix matrix;
    matrix.columns_count = std::ssize(values);
    for (std::int32_t k = 0; k < std::ssize(values); k++) matrix.columns.push_back(k);
    matrix.values.assign(values.begin(), values.end());
    matrix.start = {0, matrix.columns_count};
    return matrix;
}

FeedbackRule fit_implicit(const std::vector<float>& values, Weighting weighting,
                          const float* positive_from = nullptr) {
    return FeedbackRule::fit(one_user(values), Feedback::implicit_feedback, weighting, positive_from);
}

std::string message_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const InvalidInput& error) {
        EXPECT_FALSE(error.hint().empty());
        return error.what();
    }
    return "no error";
}

TEST(FeedbackRule, ExplicitIsTheDeviationFromTheMean) {
    const auto rule =
        FeedbackRule::fit(one_user({1, 2, 6}), Feedback::explicit_feedback, Weighting::binary, nullptr);
    EXPECT_EQ(rule.mean, 3);
    EXPECT_EQ(rule.lowest, 1);
    EXPECT_EQ(rule.highest, 6);
    EXPECT_EQ(rule.encode(6), 3);
    EXPECT_EQ(rule.encode(1), -2);
}

TEST(FeedbackRule, BinaryLikesEveryRow) {
    const auto rule = fit_implicit({-3, 0, 7}, Weighting::binary);
    for (const float rating : {-3.0f, 0.0f, 7.0f}) EXPECT_EQ(rule.encode(rating), 1);
}

TEST(FeedbackRule, RatingsBelowPositiveFromAreDislikes) {
    const float from = 4;
    const auto rule = fit_implicit({1, 4, 5, -2}, Weighting::binary, &from);
    EXPECT_EQ(rule.encode(3.9f), -1);
    EXPECT_EQ(rule.encode(4), 1);
    EXPECT_EQ(rule.encode(-2), -1);
}

TEST(FeedbackRule, ScaleMakesTheMeanWeightOfLikesOne) {
    const float from = 2;
    for (const auto weighting : {Weighting::binary, Weighting::linear, Weighting::log}) {
        SparseMatrix matrix = one_user({1, 2, 3, 10, 400});
        encode(matrix, FeedbackRule::fit(matrix, Feedback::implicit_feedback, weighting, &from));
        EXPECT_EQ(matrix.values[0], -1);
        EXPECT_NEAR(matrix.values[1] + matrix.values[2] + matrix.values[3] + matrix.values[4], 4, 1e-5);
    }
}

TEST(FeedbackRule, LinearAndLogGrowAsTheySay) {
    const auto linear = fit_implicit({1, 3}, Weighting::linear);
    EXPECT_FLOAT_EQ(linear.encode(6), 3);
    const auto log = fit_implicit({1, 3}, Weighting::log);
    EXPECT_FLOAT_EQ(log.encode(3) / log.encode(1), 2);
}

TEST(FeedbackRule, LikeWithoutPositiveWeightIsNoObservation) {
    const auto rule = fit_implicit({1, 3}, Weighting::linear);
    EXPECT_EQ(rule.encode(0), 0);
    EXPECT_EQ(rule.encode(-5), 0);
}

TEST(FeedbackRule, TinyWeightsStayPositive) {
    const auto rule = fit_implicit({1e-38f, 1e38f}, Weighting::linear);
    EXPECT_GT(rule.encode(1e-38f), 0);
}

TEST(FeedbackRule, RefusesLikesWithoutWeight) {
    EXPECT_EQ(message_of([] {
                  fit_implicit({3, -2, 0}, Weighting::log);
              }),
              "weighting \"log\" needs positive ratings, and the smallest is -2");
    EXPECT_EQ(message_of([] {
                  fit_implicit({3, 0.5, 0}, Weighting::linear);
              }),
              "weighting \"linear\" needs positive ratings, and the smallest is 0");
    const float from = 1;
    EXPECT_EQ(fit_implicit({3, -2, 0}, Weighting::log, &from).encode(-2), -1);
}

TEST(FeedbackRule, RefusesWhenNothingIsLiked) {
    EXPECT_EQ(message_of([] {
                  const float from = 6;
                  fit_implicit({1, 5, 2.5}, Weighting::binary, &from);
              }),
              "no rating reaches positive_from = 6 (the highest is 5)");
    EXPECT_EQ(message_of([] { fit_implicit({}, Weighting::binary); }), "there are no ratings");
}

TEST(FeedbackRule, RefusesExplicitRatingsWhoseDeviationsOverflow) {
    constexpr float kHuge = std::numeric_limits<float>::max();
    EXPECT_EQ(message_of([] {
                  FeedbackRule::fit(one_user({-kHuge, kHuge, kHuge}), Feedback::explicit_feedback,
                                    Weighting::binary, nullptr);
              }),
              "ratings from -3.4028235e+38 to 3.4028235e+38 are too far apart");
}

TEST(CountNegative, CountsWhatIsBelowZero) {
    EXPECT_EQ(count_negative(one_user({-3, 0, 7, -.5f, -0.f})), 2);
    EXPECT_EQ(count_negative(one_user({})), 0);
}

// The newest of the finite times has no age; what has none is as new, or as old, as can be.
TEST(FeedbackRule, InfiniteTimesAgeNothingElse) {
    constexpr double kEnd = std::numeric_limits<double>::infinity();
    Ratings ratings;
    ratings.by_user = one_user({1, 1, 1, 1});
    ratings.times = {100, 110, kEnd, -kEnd};
    ratings.half_life = 10;
    const FeedbackRule rule =
        fit_and_encode(ratings, Feedback::implicit_feedback, Weighting::binary, std::nullopt);
    EXPECT_EQ(rule.newest, 110);
    EXPECT_FLOAT_EQ(ratings.by_user.values[0], .5f);
    EXPECT_FLOAT_EQ(ratings.by_user.values[1], 1);
    EXPECT_FLOAT_EQ(ratings.by_user.values[2], 1);
    EXPECT_GT(ratings.by_user.values[3], 0);
    EXPECT_LT(ratings.by_user.values[3], 1e-3f);
}

}  // namespace
}  // namespace personalize::core
