#include "core/factorization/user_noise.hpp"

#include <gtest/gtest.h>

#include "core/factorization/normal_wishart.hpp"

namespace personalize::core {
namespace {

constexpr std::int64_t kUsers = 8000, kRatings = 20;  // of each user

// Errors of users whose noise has precision 4 a, a gamma distributed with shape and rate freedom / 2, or 1.
struct Errors {
    explicit Errors(double freedom) {
        by_user.columns_count = kRatings;
        Random random(8, 0);
        for (std::int64_t u = 0; u < kUsers; u++) {
            own.push_back(freedom > 0 ? draw_gamma(freedom / 2, random) / (freedom / 2) : 1);
            squares.push_back(2 * draw_gamma(kRatings / 2.0, random) / (4 * own.back()));
            by_user.start.push_back(by_user.start.back() + kRatings);
        }
    }
    SparseMatrix by_user;
    std::vector<double> own, squares;
};

UserNoise after_draws(const Errors& errors, int threads, int draws = 100) {
    QuietHost host;
    UserNoise noise(kUsers);
    for (int k = 0; k < draws; k++)
        noise.draw(errors.by_user, errors.squares, true, static_cast<std::uint64_t>(k), threads, host);
    return noise;
}

TEST(UserNoise, FindsWhatErrorsCameFrom) {
    const Errors errors(5);
    const UserNoise noise = after_draws(errors, 1);
    EXPECT_NEAR(noise.root(), 2, .06);
    EXPECT_GE(noise.freedom(), 4);
    EXPECT_LE(noise.freedom(), 6);
    double products = 0, own = 0, drawn = 0;
    for (std::int64_t u = 0; u < kUsers; u++) {
        const double a = std::log(errors.own[u]), b = 2 * std::log(noise.roots()[u]);
        products += a * b;
        own += a * a;
        drawn += b * b;
    }
    EXPECT_GT(products, .75 * std::sqrt(own * drawn));
}

TEST(UserNoise, SeesThatAllUsersAreAlike) { EXPECT_GE(after_draws(Errors(0), 1).freedom(), 20); }

TEST(UserNoise, CanLeaveUsersAlike) {
    const Errors errors(5);
    QuietHost host;
    UserNoise noise(kUsers);
    noise.draw(errors.by_user, errors.squares, false, 1, 1, host);
    EXPECT_EQ(noise.roots()[0], 1);
    EXPECT_NEAR(noise.root(), std::sqrt(4 * 3.0 / 5), .05);  // 1 / mean variance; the mean of 1 / a is 5 / 3
}

TEST(UserNoise, DoesNotDependOnThreads) {
    const Errors errors(5);
    const UserNoise one = after_draws(errors, 1, 3), three = after_draws(errors, 3, 3);
    EXPECT_EQ(one.root(), three.root());
    EXPECT_TRUE(std::equal(one.roots(), one.roots() + kUsers, three.roots()));
}

TEST(UserNoise, NoErrorsLeaveTheLargestPrecision) {
    QuietHost host;
    UserNoise noise(2);
    SparseMatrix two;
    two.start = {0, 1, 2};
    noise.draw(two, {0, 0}, true, 1, 1, host);
    EXPECT_EQ(noise.root(), UserNoise::kLargestRoot);
}

}  // namespace
}  // namespace personalize::core
