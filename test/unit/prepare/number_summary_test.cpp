#include "core/prepare/number_summary.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace personalize::core {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

NumberSummary summary_of(std::vector<double> values) {
    QuietHost host;
    return summarize_numbers(values, host);
}

TEST(NumberSummary, OfAFewNumbers) {
    const NumberSummary summary = summary_of({100, 4, 2, 3, 1});
    EXPECT_EQ(summary.mean, 22);
    EXPECT_NEAR(*summary.deviation, 39.01281840626232, 1e-12);
    EXPECT_EQ(summary.minimum, 1);
    EXPECT_EQ(summary.q1, 2);
    EXPECT_EQ(summary.median, 3);
    EXPECT_EQ(summary.q3, 4);
    EXPECT_EQ(summary.maximum, 100);
    EXPECT_EQ(summary.outliers, 1);
}

TEST(NumberSummary, OfOneNumber) {
    const NumberSummary summary = summary_of({-7});
    EXPECT_EQ(summary.mean, -7);
    EXPECT_EQ(summary.deviation, 0);
    EXPECT_EQ(summary.minimum, -7);
    EXPECT_EQ(summary.median, -7);
    EXPECT_EQ(summary.maximum, -7);
    EXPECT_EQ(summary.outliers, 0);
}

TEST(NumberSummary, InfiniteValuesHaveNoMean) {
    const NumberSummary summary = summary_of({1, 2, 3, 4, 5, kInfinity});
    EXPECT_EQ(summary.mean, std::nullopt);
    EXPECT_EQ(summary.deviation, std::nullopt);
    EXPECT_EQ(summary.median, 3.5);
    EXPECT_EQ(summary.maximum, kInfinity);
    EXPECT_EQ(summary.outliers, 1);
}

}  // namespace
}  // namespace personalize::core
