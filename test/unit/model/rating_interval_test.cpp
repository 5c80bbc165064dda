#include "core/model/rating_interval.hpp"

#include <gtest/gtest.h>

namespace personalize::core {
namespace {

// Quantiles of the normal distribution as tables have them.
TEST(RatingInterval, ReachesAsFarAsTheNormalDistribution) {
    for (const auto& [coverage, z] :
         {std::pair(.5, .67449), {.9, 1.64485}, {.95, 1.95996}, {.999, 3.29053}}) {
        const RatingInterval interval = interval_of({3, .5f}, coverage, -100, 100);
        EXPECT_FLOAT_EQ(interval.rating, 3);
        EXPECT_NEAR(interval.lower, 3 - .5 * z, 1e-5);
        EXPECT_NEAR(interval.upper, 3 + .5 * z, 1e-5);
    }
}

TEST(RatingInterval, StaysWithinTheScale) {
    const RatingInterval interval = interval_of({5.2f, 3}, .9, 1, 5);
    EXPECT_FLOAT_EQ(interval.rating, 5);
    EXPECT_FLOAT_EQ(interval.lower, 1);
    EXPECT_FLOAT_EQ(interval.upper, 5);
}

}  // namespace
}  // namespace personalize::core
