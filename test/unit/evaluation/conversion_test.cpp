#include "core/evaluation/conversion.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "core/runtime/error.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

struct User {
    double n, c;
};

RatioSums sums_of(const std::vector<User>& users) {
    RatioSums sums;
    for (const auto& [n, c] : users) {
        if (n == 0) continue;
        sums.users++;
        sums.n += n, sums.c += c, sums.nn += n * n, sums.nc += n * c, sums.cc += c * c;
    }
    return sums;
}

// `users` with one impression each.
RatioSums independent(double users, double converted) {
    return {users, users, converted, users, converted, converted};
}

TEST(Conversion, TheVarianceIsThatOfTheLinearizedRatio) {
    const std::vector<User> users = {{4, 1}, {2, 2}, {10, 0}, {1, 1}};
    const Rate rate = estimate(sums_of(users));
    EXPECT_DOUBLE_EQ(rate.rate, 4.0 / 17);
    double squares = 0;
    for (const auto& [n, c] : users) squares += std::pow(c - rate.rate * n, 2);
    EXPECT_NEAR(rate.variance, 4.0 / 3 * squares / (17 * 17), 1e-15);
    EXPECT_NEAR(rate.effective, rate.rate * (1 - rate.rate) / rate.variance, 1e-12);
    EXPECT_LT(rate.effective, 17);
}

TEST(Conversion, OneImpressionEachIsTheBinomial) {
    const Rate rate = estimate(independent(1000, 100));
    EXPECT_NEAR(rate.variance, .1 * .9 / 999, 1e-12);
    EXPECT_NEAR(rate.effective, 999, 1e-6);
}

TEST(Conversion, WhereTheVarianceSaysNothingUsersCount) {
    EXPECT_EQ(estimate(sums_of({{10, 0}, {5, 0}})).effective, 2);
    EXPECT_EQ(estimate(sums_of({{10, 10}, {5, 5}})).effective, 2);
    EXPECT_EQ(estimate(sums_of({{10, 4}})).effective, 1);
    EXPECT_EQ(estimate(sums_of({{10, 5}, {4, 2}, {2, 1}})).effective, 16) << "never more than impressions";
}

TEST(Conversion, WilsonIsAsPublished) {
    // Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
    const auto expect = [](double converted, double n, double low, double high) {
        const Interval interval = wilson(converted / n, n, .95);
        EXPECT_NEAR(interval.low, low, 5e-5);
        EXPECT_NEAR(interval.high, high, 5e-5);
    };
    expect(81, 263, .2553, .3662);
    expect(15, 148, .0624, .1605);
    expect(0, 20, 0, .1611);
    expect(1, 29, .0061, .1718);
    expect(29, 29, .8830, 1);
    EXPECT_EQ(wilson(0, 20, .95).low, 0);
    EXPECT_EQ(wilson(1, 20, .95).high, 1);
    EXPECT_LT(wilson(.5, 20, .9999999).low, wilson(.5, 20, .5).low);
    EXPECT_GE(wilson(.5, 1e-9, .95).low, 0) << "tells nothing, but is an interval";
}

TEST(Conversion, IndependentImpressionsGiveThePooledTest) {
    // Chi-square of the table {{100, 900}, {130, 870}}; the variances are those of a sample of users.
    const double chi_square = 2000 * std::pow(100 * 870 - 130 * 900, 2) / (1e6 * 230 * 1770);
    const Comparison result = compare(independent(1000, 100), independent(1000, 130), {}, .95);
    EXPECT_NEAR(*result.p_value, std::erfc(std::sqrt(chi_square * 999 / 1000 / 2)), 1e-9);
    EXPECT_NEAR(*result.lift, .3, 1e-12);
    EXPECT_EQ(result.verdict, Verdict::better);
    EXPECT_EQ(compare(independent(1000, 130), independent(1000, 100), {}, .95).verdict, Verdict::worse);
    EXPECT_EQ(compare(independent(1000, 100), independent(1000, 130), {}, .99).verdict,
              Verdict::no_difference);
    const Comparison same = compare(independent(1000, 100), independent(1000, 100), {}, .95);
    EXPECT_EQ(*same.p_value, 1);
    EXPECT_EQ(same.verdict, Verdict::no_difference);
}

TEST(Conversion, TooFewAreNotJudged) {
    const auto verdict = [](const RatioSums& a, const RatioSums& b) {
        const Comparison result = compare(a, b, {}, .95);
        EXPECT_EQ(result.p_value.has_value(), result.verdict != Verdict::too_few);
        return result.verdict;
    };
    EXPECT_EQ(verdict(independent(29, 10), independent(1000, 500)), Verdict::too_few);
    EXPECT_EQ(verdict(independent(1000, 500), independent(29, 10)), Verdict::too_few);
    EXPECT_EQ(verdict(independent(100, 0), independent(10000, 100)), Verdict::too_few)
        << "none of 100 is no wonder at one in a hundred";
    EXPECT_EQ(verdict(independent(10000, 100), independent(1500, 0)), Verdict::worse);
    EXPECT_EQ(verdict(independent(1000, 0), independent(1000, 0)), Verdict::too_few);
    EXPECT_EQ(verdict(independent(1000, 1000), independent(1000, 1000)), Verdict::too_few);
    EXPECT_EQ(verdict({}, independent(1000, 100)), Verdict::too_few);
    EXPECT_EQ(verdict(independent(1000, 100), {}), Verdict::too_few);
    EXPECT_FALSE(compare(independent(1000, 0), independent(1000, 100), {}, .95).lift);
    EXPECT_EQ(*compare(independent(10, 5), independent(10, 2), {}, .95).lift, -.6);
}

TEST(Conversion, ConfidenceIsBetweenZeroAndOne) {
    for (const double wrong : {0.0, 1.0, -.5, 1.5, std::numeric_limits<double>::quiet_NaN()})
        EXPECT_THROW(check_confidence(wrong), InvalidInput);
    EXPECT_NO_THROW(check_confidence(.999999999999));
}

// Users differ in how much they are shown and in how readily they buy, and who is shown more buys more
// readily.
class Shop {
  public:
    Shop(double scale, std::uint64_t stream) : scale_(scale), random_(2026, stream) {}

    double readiness() {
        const double u = random_.uniform();
        return u * u * u;
    }
    User user(double readiness) {
        User user = {static_cast<double>(1 + random_.below(10) + (readiness > .5 ? 10 : 0)), 0};
        for (int k = 0; k < user.n; k++) user.c += random_.uniform() < scale_ * readiness;
        return user;
    }
    RatioSums sample(int users) {
        std::vector<User> shown;
        for (int k = 0; k < users; k++) shown.push_back(user(readiness()));
        return sums_of(shown);
    }
    // E[n p] / E[n] with p = scale u^3; u > h = .5^(1/3) is shown 10 more.
    double true_rate() const {
        const double h = std::cbrt(.5);
        return scale_ * (5.5 / 4 + 10 * (1 - std::pow(h, 4)) / 4) / (5.5 + 10 * (1 - h));
    }

  private:
    const double scale_;
    Random random_;
};

constexpr int kTrials = 4000;

// As if impressions were independent.
bool naive_difference(const RatioSums& a, const RatioSums& b) {
    const double pooled = (a.c + b.c) / (a.n + b.n);
    const double z = (b.c / b.n - a.c / a.n) / std::sqrt(pooled * (1 - pooled) * (1 / a.n + 1 / b.n));
    return std::abs(z) > 1.959964;
}

TEST(ConversionSimulation, TheIntervalCoversTheTrueRate) {
    for (const double scale : {1.0, .15}) {
        Shop shop(scale, 1);
        int covered = 0, covered_naive = 0;
        for (int trial = 0; trial < kTrials; trial++) {
            const RatioSums sums = shop.sample(200);
            const Rate rate = estimate(sums);
            const Interval interval = wilson(rate.rate, rate.effective, .95);
            const Interval naive = wilson(rate.rate, sums.n, .95);
            covered += interval.low <= shop.true_rate() && shop.true_rate() <= interval.high;
            covered_naive += naive.low <= shop.true_rate() && shop.true_rate() <= naive.high;
        }
        EXPECT_NEAR(1.0 * covered / kTrials, .95, .012) << scale;
        EXPECT_LT(1.0 * covered_naive / kTrials, scale == 1 ? .7 : .9) << scale;
    }
}

// Share of trials with a verdict, of equal versions, that see a difference.
struct FalseAlarms {
    double clustered, naive;
};

FalseAlarms false_alarms(double scale, int users, int users_of_reference, std::uint64_t stream) {
    Shop shop(scale, stream);
    int judged = 0, seen = 0, seen_naive = 0;
    for (int trial = 0; trial < kTrials; trial++) {
        const RatioSums reference = shop.sample(users_of_reference), other = shop.sample(users);
        const Verdict verdict = compare(reference, other, {}, .95).verdict;
        if (verdict == Verdict::too_few) continue;
        judged++;
        seen += verdict != Verdict::no_difference;
        seen_naive += naive_difference(reference, other);
    }
    EXPECT_GT(judged, kTrials / 2);
    return {1.0 * seen / judged, 1.0 * seen_naive / judged};
}

TEST(ConversionSimulation, EqualVersionsSeldomDiffer) {
    const FalseAlarms large = false_alarms(1, 300, 300, 2);
    EXPECT_NEAR(large.clustered, .05, .012);
    EXPECT_GT(large.naive, .25);
    const FalseAlarms unequal = false_alarms(1, 60, 1000, 3);
    EXPECT_NEAR(unequal.clustered, .05, .025);
    EXPECT_GT(unequal.naive, .25);
    const FalseAlarms rare = false_alarms(.1, 400, 400, 4);
    EXPECT_NEAR(rare.clustered, .05, .012);
    EXPECT_GT(rare.naive, .08);
}

TEST(ConversionSimulation, UsersOfBothVersionsDoNotBlurTheDifference) {
    Shop shop(1, 5);
    int seen = 0, seen_without = 0;
    for (int trial = 0; trial < kTrials; trial++) {
        std::vector<User> before, after;
        CrossSums cross;
        for (int k = 0; k < 300; k++) {
            const double readiness = shop.readiness();
            const User a = shop.user(readiness), b = shop.user(readiness);
            before.push_back(a);
            after.push_back(b);
            cross.nn += a.n * b.n, cross.nc += a.n * b.c, cross.cn += a.c * b.n, cross.cc += a.c * b.c;
        }
        const RatioSums x = sums_of(before), y = sums_of(after);
        seen += compare(x, y, cross, .95).verdict != Verdict::no_difference;
        seen_without += compare(x, y, {}, .95).verdict != Verdict::no_difference;
    }
    EXPECT_NEAR(1.0 * seen / kTrials, .05, .012);
    EXPECT_LT(1.0 * seen_without / kTrials, .01) << "which would hide lifts";
}

TEST(ConversionSimulation, ALiftIsFound) {
    Shop before(1, 6), after(1.4, 7);
    int better = 0;
    for (int trial = 0; trial < 500; trial++)
        better += compare(before.sample(600), after.sample(600), {}, .95).verdict == Verdict::better;
    EXPECT_GT(better, 450);
}

}  // namespace
}  // namespace personalize::core
