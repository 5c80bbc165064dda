#include "core/prepare/scaling.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

constexpr double kMax = std::numeric_limits<double>::max();

Moments moments_of(const std::vector<double>& values) {
    Moments moments;
    for (const double x : values) moments.add(x);
    return moments;
}

// In two passes, as the definitions say.
long double exact_mean(const std::vector<double>& values) {
    long double sum = 0;
    for (const double x : values) sum += x;
    return sum / static_cast<long double>(values.size());
}

long double exact_deviation(const std::vector<double>& values) {
    const long double mean = exact_mean(values);
    long double squares = 0;
    for (const double x : values) squares += (x - mean) * (x - mean);
    return std::sqrt(squares / static_cast<long double>(values.size()));
}

std::vector<double> scaled(const Scaling& scaling, std::vector<double> values) {
    for (double& x : values) x = scaling(x);
    return values;
}

std::vector<double> robust(std::vector<double> values) {
    QuietHost host;
    std::vector<double> reordered = values;
    return scaled(robust_scaling(reordered, host), values);
}

TEST(Moments, AgreeWithTwoPasses) {
    Random random(1, 0);
    for (const double mean : {0.0, 1.0, -1e9})
        for (const int n : {1, 2, 3, 10, 10000}) {
            std::vector<double> values;
            for (int k = 0; k < n; k++) values.push_back(mean + random.normal());
            const Moments moments = moments_of(values);
            EXPECT_EQ(moments.count(), n);
            EXPECT_EQ(moments.minimum(), *std::min_element(values.begin(), values.end()));
            EXPECT_EQ(moments.maximum(), *std::max_element(values.begin(), values.end()));
            EXPECT_NEAR(static_cast<double>(moments.mean() - exact_mean(values)), 0, 1e-8);
            EXPECT_NEAR(static_cast<double>(moments.deviation() - exact_deviation(values)), 0, 1e-8);
        }
}

TEST(Moments, OfNothing) {
    const Moments moments;
    EXPECT_EQ(moments.count(), 0);
    EXPECT_EQ(moments.mean(), 0);
    EXPECT_EQ(moments.deviation(), 0);
}

TEST(Moments, OfConstantsAreExact) {
    for (const double x : {0.1, 1e300, -7.7, 5e-324, 0.0}) {
        const Moments moments = moments_of(std::vector<double>(1001, x));
        EXPECT_EQ(static_cast<double>(moments.mean()), x);
        EXPECT_EQ(moments.deviation(), 0);
    }
}

TEST(Scaling, StandardHasMeanZeroAndDeviationOne) {
    Random random(2, 0);
    std::vector<double> values;
    for (int k = 0; k < 1000; k++) values.push_back(50 + 7 * random.normal());
    const auto z = scaled(standard_scaling(moments_of(values)), values);
    EXPECT_NEAR(static_cast<double>(exact_mean(z)), 0, 1e-14);
    EXPECT_NEAR(static_cast<double>(exact_deviation(z)), 1, 1e-14);
    EXPECT_EQ(scaled(standard_scaling(moments_of({1, 3})), {1, 3}), (std::vector<double>{-1, 1}));
}

TEST(Scaling, MinMaxIsExactAtItsEnds) {
    const std::vector<double> values = {0.1, 0.7, 0.3, -2.1};
    const auto x = scaled(min_max_scaling(moments_of(values)), values);
    EXPECT_EQ(x[1], 1);
    EXPECT_EQ(x[3], 0);
    EXPECT_NEAR(x[0], 2.2 / 2.8, 1e-15);
}

TEST(Scaling, RobustHasMedianZeroAndRangeOne) {
    EXPECT_EQ(robust({1, 2, 3, 4, 5}), (std::vector<double>{-1, -0.5, 0, 0.5, 1}));
    EXPECT_EQ(robust({5, 1, 4, 1000, 3}), (std::vector<double>{0.5, -1.5, 0, 498, -0.5}));
}

TEST(Scaling, ConstantsBecomeZero) {
    const std::vector<double> values(7, 0.3), zeros(7, 0);
    EXPECT_EQ(scaled(standard_scaling(moments_of(values)), values), zeros);
    EXPECT_EQ(scaled(min_max_scaling(moments_of(values)), values), zeros);
    EXPECT_EQ(robust(values), zeros);
}

TEST(Scaling, RobustWithoutARangeTakesOffTheMedian) {
    EXPECT_EQ(robust({2, 2, 2, 2, 9}), (std::vector<double>{0, 0, 0, 0, 7}));
}

TEST(Scaling, OfExtremesIsFinite) {
    const std::vector<double> ends = {-kMax, kMax}, uneven = {-kMax, kMax, kMax};
    EXPECT_EQ(scaled(standard_scaling(moments_of(ends)), ends), (std::vector<double>{-1, 1}));
    EXPECT_EQ(scaled(min_max_scaling(moments_of(ends)), ends), (std::vector<double>{0, 1}));
    EXPECT_EQ(robust(ends), (std::vector<double>{-1, 1}));
    EXPECT_NEAR(scaled(standard_scaling(moments_of(uneven)), uneven)[0], -std::sqrt(2.0), 1e-15);
    const std::vector<double> tiny = {0, 5e-324};
    EXPECT_EQ(scaled(min_max_scaling(moments_of(tiny)), tiny), (std::vector<double>{0, 1}));
    EXPECT_EQ(scaled(standard_scaling(moments_of(tiny)), tiny), (std::vector<double>{-1, 1}));
}

}  // namespace
}  // namespace personalize::core
