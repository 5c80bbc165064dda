// Cosine of x and y over rows seen one at a time, in parts that may be combined.
#pragma once

#include <optional>

#include "core/neighbours/value_unit.hpp"

namespace personalize::core {

// Sums of products, in units (value_unit.hpp). The order of rows and parts matters by rounding only.
struct ScaledCosineSums {
    ValueUnit x, y;
    double xy = 0, xx = 0, yy = 0;

    void add(double x_value, double y_value) noexcept;
    void combine(const ScaledCosineSums& other) noexcept;
    // In [-1, 1]; none where a column is zero or without rows; else NaN if a value was NaN or infinite.
    std::optional<double> cosine() const noexcept;

  private:
    void rescale(double x_factor, double y_factor) noexcept;
};

}  // namespace personalize::core
