#include "core/segments/rfm.hpp"

namespace personalize::core {

OrderHabit order_habit(const OrderTimes& times, double end, double unit) noexcept {
    OrderHabit habit{(end - times.last) / unit, (end - times.first) / unit, {}};
    if (times.orders > 1)
        habit.mean_gap = (times.last - times.first) / static_cast<double>(times.orders - 1) / unit;
    return habit;
}

}  // namespace personalize::core
