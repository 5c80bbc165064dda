// Mean, deviation and range of a column, in one pass.
#pragma once

#include <cstdint>

namespace personalize::core {

// In extended precision, so that no sum of finite doubles overflows and a constant column has a deviation of
// exactly 0. (Welford 1962, "Note on a method for calculating corrected sums of squares and products".)
class Moments {
  public:
    // x must be finite.
    void add(double x) noexcept {
        if (count_++ == 0 || x < minimum_) minimum_ = x;
        if (count_ == 1 || x > maximum_) maximum_ = x;
        const long double before = x - mean_;
        mean_ += before / static_cast<long double>(count_);
        squares_ += before * (x - mean_);
    }

    std::int64_t count() const noexcept { return count_; }
    // The others are 0 where nothing was added.
    double minimum() const noexcept { return minimum_; }
    double maximum() const noexcept { return maximum_; }
    long double mean() const noexcept { return mean_; }
    long double deviation() const noexcept;  // of the population: divided by count, not count - 1

  private:
    std::int64_t count_ = 0;
    double minimum_ = 0, maximum_ = 0;
    long double mean_ = 0, squares_ = 0;
};

}  // namespace personalize::core
