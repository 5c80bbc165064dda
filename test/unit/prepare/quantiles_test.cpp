#include "core/prepare/quantiles.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/runtime/error.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// As the definition says: sort, and go between the two neighbours.
double by_sorting(std::vector<double> values, double share) {
    std::sort(values.begin(), values.end());
    const double place = share * static_cast<double>(values.size() - 1);
    const double low = values[static_cast<std::size_t>(std::floor(place))];
    const double high = values[static_cast<std::size_t>(std::ceil(place))];
    return low + (place - std::floor(place)) * (high - low);
}

std::vector<double> taken(std::vector<double> values, std::vector<double> shares) {
    QuietHost host;
    return quantiles(values, shares, host);
}

TEST(Quantiles, AgreeWithSorting) {
    const std::vector<double> shares = {0, 0.01, 0.1, 0.25, 0.25, 0.5, 0.75, 0.9, 0.99, 1};
    Random random(1, 0);
    for (const int n : {1, 2, 3, 4, 5, 10, 101, 5000})
        for (const int distinct : {1, 2, 7, 1000000}) {
            std::vector<double> values;
            for (int k = 0; k < n; k++) values.push_back(std::floor(random.uniform() * distinct) / 8);
            const auto result = taken(values, shares);
            for (std::size_t k = 0; k < shares.size(); k++)
                EXPECT_NEAR(result[k], by_sorting(values, shares[k]), 1e-9) << n << ' ' << shares[k];
        }
}

TEST(Quantiles, OfSortedAndReversed) {
    std::vector<double> values(1001);
    for (int k = 0; k <= 1000; k++) values[static_cast<std::size_t>(k)] = k;
    EXPECT_EQ(taken(values, {0.25, 0.5, 0.75}), (std::vector<double>{250, 500, 750}));
    std::reverse(values.begin(), values.end());
    EXPECT_EQ(taken(values, {0.25, 0.5, 0.75}), (std::vector<double>{250, 500, 750}));
}

TEST(Quantiles, OfExtremes) {
    constexpr double kMax = std::numeric_limits<double>::max();
    EXPECT_EQ(taken({-kMax, kMax}, {0.5}), (std::vector<double>{0}));
    EXPECT_EQ(taken({-kInfinity, 1, kInfinity}, {0, 0.5, 1}),
              (std::vector<double>{-kInfinity, 1, kInfinity}));
    EXPECT_EQ(taken({kInfinity, kInfinity}, {0.5}), (std::vector<double>{kInfinity}));
}

TEST(Quantiles, CanBeCancelled) {
    struct : Host {
        void poll() override { throw Cancelled(); }
    } host;
    Random random(1, 0);
    std::vector<double> values(1000000);
    for (double& x : values) x = random.uniform();
    constexpr double kHalf[] = {0.5};
    EXPECT_THROW(quantiles(values, kHalf, host), Cancelled);
}

TEST(TukeyFences, AreOneAndAHalfRangesAway) {
    const TukeyFences fences(10, 20);
    EXPECT_FALSE(fences.is_outlier(35));
    EXPECT_TRUE(fences.is_outlier(35.001));
    EXPECT_FALSE(fences.is_outlier(-5));
    EXPECT_TRUE(fences.is_outlier(-5.001));
    EXPECT_TRUE(fences.is_outlier(kInfinity));
}

TEST(TukeyFences, WhereHalfIsEqualAllElseIsOutside) {
    const TukeyFences fences(3, 3);
    EXPECT_FALSE(fences.is_outlier(3));
    EXPECT_TRUE(fences.is_outlier(3.5));
}

TEST(TukeyFences, OfExtremes) {
    constexpr double kMax = std::numeric_limits<double>::max();
    EXPECT_FALSE(TukeyFences(-kMax, kMax).is_outlier(kMax));
    EXPECT_FALSE(TukeyFences(-kInfinity, 1).is_outlier(5));
    EXPECT_FALSE(TukeyFences(kInfinity, kInfinity).is_outlier(5));
}

}  // namespace
}  // namespace personalize::core
