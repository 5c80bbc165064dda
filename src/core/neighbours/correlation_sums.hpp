// Pearson correlation of x and y over rows seen one at a time, in parts that may be combined.
#pragma once

#include <optional>

#include "core/neighbours/value_unit.hpp"

namespace personalize::core {

// Means and products of deviations, updated row by row (Welford, Note on a method for calculating corrected
// sums of squares and products, 1962) and part by part (Chan, Golub and LeVeque, Updating formulae and a
// pairwise algorithm for computing sample variances, 1979): large means do not cancel, and a constant column
// has exactly no deviation. Means are relative to the first value, so that they have few digits to lose.
// Huge and tiny values neither overflow nor vanish (value_unit.hpp). The order of rows and parts matters by
// rounding only.
struct CorrelationSums {
    struct Column {
        ValueUnit unit;
        double origin = 0;   // the first value
        double mean = 0;     // less the origin
        double squares = 0;  // of deviations from the mean
    };
    double count = 0;
    Column x, y;
    double products = 0;  // of deviations

    void add(double x_value, double y_value) noexcept;
    void combine(const CorrelationSums& other) noexcept;
    // In [-1, 1]; none with fewer than two rows or where a column is constant; else NaN if a value was NaN or
    // infinite.
    std::optional<double> pearson() const noexcept;

  private:
    double in_units(Column& column, double value) noexcept;
    void rescale(Column& column, double factor) noexcept;
};

}  // namespace personalize::core
