#include "core/evaluation/averages.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

TEST(Average, IsMeanAndStandardError) {
    Average average;
    EXPECT_TRUE(std::isnan(average.mean()));
    average.add(2);
    EXPECT_EQ(average.mean(), 2);
    EXPECT_TRUE(std::isnan(average.standard_error()));
    for (const double x : {4., 9.}) average.add(x);
    EXPECT_DOUBLE_EQ(average.mean(), 5);
    EXPECT_DOUBLE_EQ(average.standard_error(), std::sqrt((9 + 1 + 16) / 2. / 3));
}

// The standard error is what repeating the whole thing shows, rows of one user being alike.
TEST(RatioAverage, KnowsThatRowsOfAUserAreAlike) {
    constexpr int kRepeats = 2000, kUsers = 50;
    Average means, errors;
    Average naive;
    for (int repeat = 0; repeat < kRepeats; repeat++) {
        Random random(3, static_cast<std::uint64_t>(repeat));
        RatioAverage ratio;
        Average rows;
        for (int u = 0; u < kUsers; u++) {
            const auto n = static_cast<double>(1 + random.below(20));
            const double level = random.normal();
            double sum = 0;
            for (int r = 0; r < n; r++) {
                const double x = level + .5 * random.normal();
                sum += x;
                rows.add(x);
            }
            ratio.add(sum, n);
        }
        means.add(ratio.mean());
        errors.add(ratio.standard_error());
        naive.add(rows.standard_error());
    }
    const double true_error = means.standard_error() * std::sqrt(kRepeats);
    EXPECT_NEAR(errors.mean(), true_error, .05 * true_error);
    EXPECT_LT(naive.mean(), .5 * true_error);
}

}  // namespace
}  // namespace personalize::core
