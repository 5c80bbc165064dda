#include "core/segments/rfm.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace personalize::core {
namespace {

TEST(OrderHabit, OfOneOrder) {
    const OrderHabit habit = order_habit({1, 100, 100}, 130, 10);
    EXPECT_EQ(habit.recency, 3);
    EXPECT_EQ(habit.tenure, 3);
    EXPECT_FALSE(habit.mean_gap);
}

// Of gaps that are added up one by one.
TEST(OrderHabit, OfManyOrders) {
    constexpr double kDay = 86400;
    const std::vector<double> times{-5 * kDay, -4.5 * kDay, 0, .25 * kDay, 11 * kDay};
    double gaps = 0;
    for (std::size_t k = 1; k < times.size(); k++) gaps += times[k] - times[k - 1];
    const OrderHabit habit = order_habit({5, times.front(), times.back()}, 13 * kDay, kDay);
    EXPECT_EQ(habit.recency, 2);
    EXPECT_EQ(habit.tenure, 18);
    EXPECT_DOUBLE_EQ(habit.mean_gap.value(), gaps / 4 / kDay);
    EXPECT_EQ(order_habit({2, 3, 3}, 3, 1).mean_gap, 0);
}

}  // namespace
}  // namespace personalize::core
