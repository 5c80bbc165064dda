// When customers order: recency, frequency and monetary value (RFM) without the value, which is a sum.
#pragma once

#include <cstdint>
#include <optional>

namespace personalize::core {

// What is known of one customer's orders, at least one. Times are finite, in one unit.
struct OrderTimes {
    std::int64_t orders = 0;
    double first = 0, last = 0;
};

struct OrderHabit {
    double recency = 0;              // from the last order to the end
    double tenure = 0;               // from the first one to the end
    std::optional<double> mean_gap;  // between orders; none where there is one order
};

// end: the time at which one looks; unit: what one of the results' units is in those of the times, 86400 for
// days of times in seconds.
OrderHabit order_habit(const OrderTimes& times, double end, double unit) noexcept;

}  // namespace personalize::core
