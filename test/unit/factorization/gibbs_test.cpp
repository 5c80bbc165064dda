#include "core/factorization/gibbs.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/factorization/als.hpp"
#include "core/ratings/transpose.hpp"
#include "core/runtime/error.hpp"
#include "factorization/made_ratings.hpp"

namespace personalize::core {
namespace {

using test::made_matrix;
using test::same_bits;

gibbs::Options made_options(int rank = 4) {
    gibbs::Options options;
    options.rank = rank;
    options.burn_in = 10;
    options.samples = 20;
    options.kept = 10;
    options.seed = 3;
    return options;
}

gibbs::Model train(const SparseMatrix& by_user, const gibbs::Options& options) {
    QuietHost host;
    return gibbs::train(by_user, transpose(by_user), options, host);
}

constexpr double kNoise = .5;
constexpr std::int64_t kUsers = 300, kItems = 200;

// One in ten of the planted ratings, with noise.
SparseMatrix noisy_ratings(float unit = 1) {
    const test::Planted planted(kUsers, kItems);
    return made_matrix(kUsers, kItems, .15, [&](auto u, auto i, Random& random) {
        return unit * (planted(u, i) + static_cast<float>(kNoise * random.normal()));
    });
}

// Of all pairs, most of them not rated.
double rms_error(FactorsView users, FactorsView items) {
    const test::Planted planted(kUsers, kItems);
    double squares = 0;
    for (std::int64_t u = 0; u < kUsers; u++) {
        for (std::int64_t i = 0; i < kItems; i++) {
            double score = 0;
            for (int k = 0; k < users.width; k++) score += users.row(u)[k] * items.row(i)[k];
            squares += std::pow(score - planted(u, i), 2);
        }
    }
    return std::sqrt(squares / static_cast<double>(kUsers * kItems));
}

double als_error(float regularization) {
    QuietHost host;
    als::Options options;
    options.objective = {Feedback::explicit_feedback, 4, regularization, 0, 1};
    options.iterations = 15;
    const SparseMatrix by_user = noisy_ratings();
    const als::Model model = als::train(by_user, transpose(by_user), options, host);
    return rms_error(model.users.view(), model.items.view());
}

TEST(Gibbs, FindsAPlantedModelWithoutARegularization) {
    const gibbs::Model model = train(noisy_ratings(), made_options());
    const double error = rms_error(model.users.view(), model.items.view());
    EXPECT_LT(error, .45);  // of a standard deviation of 1.6, from ratings with .5 of noise
    for (const float regularization : {.001f, .01f, .05f, .3f}) EXPECT_LT(error, als_error(regularization));
}

TEST(Gibbs, FindsTheNoise) {
    const gibbs::Model model = train(noisy_ratings(), made_options());
    const std::size_t last = 9 * posterior_floats(4);
    const double v = model.parameters[last + 1];
    EXPECT_NEAR(model.parameters[last] * std::sqrt(v / (v - 2)), kNoise, .1);
    EXPECT_GT(v, 8);  // all users have the same
}

TEST(Gibbs, IntervalsHoldAsManyRatingsAsTheySay) {
    const SparseMatrix by_user = noisy_ratings();
    const gibbs::Model model = train(by_user, made_options());
    const test::Planted planted(kUsers, kItems);
    const auto fold_in = PosteriorFoldIn::of(model.posterior());
    std::vector<float> row(static_cast<std::size_t>(model.users.stride()));
    Random random(12, 0);
    int inside = 0, all = 0;
    for (std::int64_t u = 0; u < kUsers; u++) {
        fold_in->solve(model.items.view(), by_user.row(u).columns, by_user.row(u).values, row.data());
        for (std::int32_t i = 0; i < kItems; i++, all++) {
            const RatingDistribution rating = fold_in->predict(model.items.view(), i);
            const double drawn = planted(u, i) + kNoise * random.normal();
            inside += std::fabs(drawn - rating.mean) <= 1.645 * rating.deviation;
        }
    }
    EXPECT_NEAR(static_cast<double>(inside) / all, .9, .02);
}

TEST(Gibbs, FoldInGivesTheStoredUsersToTheBit) {
    const SparseMatrix by_user = noisy_ratings();
    const gibbs::Model model = train(by_user, made_options(5));
    const auto fold_in = PosteriorFoldIn::of(model.posterior());
    std::vector<float> row(static_cast<std::size_t>(model.users.stride()));
    for (std::int64_t u = 0; u < kUsers; u++) {
        fold_in->solve(model.items.view(), by_user.row(u).columns, by_user.row(u).values, row.data());
        EXPECT_EQ(0, std::memcmp(row.data(), model.users.row(u), row.size() * sizeof(float))) << u;
    }
}

TEST(Gibbs, BitsDoNotDependOnThreads) {
    const SparseMatrix by_user = made_matrix(9000, 300, .05, [](auto u, auto i, Random& random) {
        return static_cast<float>((u % 3 == i % 3) + random.normal());
    });
    gibbs::Options options = made_options(8);
    options.burn_in = 2;
    options.samples = options.kept = 4;
    const gibbs::Model expected = train(by_user, options);
    options.threads = 3;
    const gibbs::Model model = train(by_user, options);
    EXPECT_TRUE(same_bits(expected.users.view(), model.users.view()));
    EXPECT_TRUE(same_bits(expected.items.view(), model.items.view()));
    EXPECT_EQ(expected.parameters, model.parameters);
    EXPECT_EQ(expected.loss, model.loss);
}

TEST(Gibbs, SeedsDiffer) {
    const SparseMatrix by_user = noisy_ratings();
    gibbs::Options options = made_options();
    const gibbs::Model a = train(by_user, options);
    options.seed++;
    EXPECT_FALSE(same_bits(a.items.view(), train(by_user, options).items.view()));
}

// Units are powers of two, so that nothing is rounded.
TEST(Gibbs, FollowsTheUnitOfTheRatings) {
    const gibbs::Model one = train(noisy_ratings(), made_options());
    for (const float unit : {0x1p-60f, 0x1p10f, 0x1p60f}) {
        const gibbs::Model model = train(noisy_ratings(unit), made_options());
        for (std::int64_t i = 0; i < kItems; i++)
            for (int k = 0; k < 41; k++) EXPECT_EQ(model.items.row(i)[k], unit * one.items.row(i)[k]);
        for (int k = 0; k < 40; k++) EXPECT_NEAR(model.users.row(5)[k], one.users.row(5)[k], 1e-5);
    }
}

TEST(Gibbs, RowsWithoutRatingsKnowTheOtherSideOnly) {
    SparseMatrix by_user = noisy_ratings();
    by_user.start.push_back(by_user.start.back());
    by_user.columns_count++;
    const gibbs::Model model = train(by_user, made_options());
    for (int k = 0; k < 42; k++) EXPECT_NEAR(model.users.row(kUsers)[k], k == 40 ? 1 : 0, 1e-5);
    for (int k = 0; k < 42; k++) EXPECT_TRUE(std::isfinite(model.items.row(kItems)[k]));
}

TEST(Gibbs, SmallAndDullRatings) {
    const auto constant = [](float value) { return [value](auto, auto, auto&) { return value; }; };
    for (const SparseMatrix& by_user :
         {made_matrix(1, 1, 1, constant(2)), made_matrix(40, 30, .5, constant(0)),
          made_matrix(40, 30, .5, constant(1)), made_matrix(3, 3, 0, constant(1))}) {
        const gibbs::Model model = train(by_user, made_options(8));
        const auto fold_in = PosteriorFoldIn::of(model.posterior());
        for (std::int64_t u = 0; u < by_user.rows(); u++)
            for (int k = 0; k < model.users.width(); k++) EXPECT_TRUE(std::isfinite(model.users.row(u)[k]));
    }
}

TEST(Gibbs, NoUsersAndNoItems) {
    const gibbs::Model model = train(SparseMatrix{}, made_options());
    EXPECT_EQ(model.users.rows(), 0);
    EXPECT_EQ(model.loss.back(), 0);
}

TEST(Gibbs, HugeRatingsStayFiniteOrAreAnError) {
    const auto model =
        train(made_matrix(60, 50, .3, [](auto u, auto i, auto&) { return (u + i) % 2 ? 1e30f : -1e30f; }),
              made_options());
    EXPECT_TRUE(std::isfinite(model.loss.back()));
    for (const float value :
         {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()})
        EXPECT_THROW(train(made_matrix(60, 50, .3, [&](auto, auto, auto&) { return value; }), made_options()),
                     InvalidInput);
}

TEST(Gibbs, RanksUpToTheLargest) {
    for (const int rank : {1, 15, 17, 33, gibbs::kLargestRank}) {
        gibbs::Options options = made_options(rank);
        options.burn_in = 1;
        options.samples = options.kept = 3;
        EXPECT_TRUE(std::isfinite(train(noisy_ratings(), options).loss.back())) << rank;
    }
}

TEST(Gibbs, OptionsOutOfRange) {
    const SparseMatrix by_user = noisy_ratings();
    const auto refuses = [&](const auto& change) {
        gibbs::Options options = made_options(8);
        change(options);
        EXPECT_THROW(train(by_user, options), InvalidInput);
    };
    refuses([](auto& o) { o.rank = 0; });
    refuses([](auto& o) { o.rank = gibbs::kLargestRank + 1; });
    refuses([](auto& o) { o.burn_in = -1; });
    refuses([](auto& o) { o.samples = 0; });
    refuses([](auto& o) { o.kept = 0; });
    refuses([](auto& o) { o.kept = o.samples + 1; });
    refuses([](auto& o) { o.samples = o.kept = 128; });  // 8 factors of each: too wide
    refuses([](auto& o) { o.threads = 0; });
}

struct CountingHost : QuietHost {
    std::vector<double> loss;
    void iteration_done(int sweep, int sweeps, double value) override {
        EXPECT_EQ(sweeps, 30);
        loss.push_back(value);
        EXPECT_EQ(std::ssize(loss), sweep);
        if (sweep == last) throw Cancelled();
    }
    int last = 0;
};

TEST(Gibbs, TellsTheHostOfEachSweepAndCanBeStopped) {
    const SparseMatrix by_user = noisy_ratings();
    CountingHost host;
    EXPECT_EQ(gibbs::train(by_user, transpose(by_user), made_options(), host).loss, host.loss);
    CountingHost stops;
    stops.last = 4;
    EXPECT_THROW(gibbs::train(by_user, transpose(by_user), made_options(), stops), Cancelled);
    EXPECT_EQ(stops.loss.size(), 4u);
}

TEST(Gibbs, MemoryCoversTheModelAndScratch) {
    gibbs::Options options = made_options(16);
    const std::size_t one = gibbs::memory(1000, 500, options);
    EXPECT_GT(one, Factors::memory(1500, 16 * 10 + 2) + Factors::memory(1500, 16));
    options.threads = 2;
    EXPECT_GE(gibbs::memory(1000, 500, options) - one, PosteriorFoldIn::memory(16, 10));
}

}  // namespace
}  // namespace personalize::core
