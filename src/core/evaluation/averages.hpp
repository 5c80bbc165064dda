// Means of figures that users have, with their standard errors.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace personalize::core {

inline constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

// Mean of one figure a user. Adding in a fixed order gives the same bits. (Welford 1962.)
class Average {
  public:
    void add(double x) noexcept {
        count_++;
        const double step = x - mean_;
        mean_ += step / static_cast<double>(count_);
        squares_ += step * (x - mean_);
    }
    std::int64_t count() const noexcept { return count_; }
    double mean() const noexcept { return count_ > 0 ? mean_ : kUndefined; }
    double standard_error() const noexcept {  // undefined for fewer than two
        const auto n = static_cast<double>(count_);
        return count_ > 1 ? std::sqrt(squares_ / (n * (n - 1))) : kUndefined;
    }

  private:
    std::int64_t count_ = 0;
    double mean_ = 0, squares_ = 0;
};

// Mean over all rows of users who have several each: sum of x over sum of n. Rows of one user are not
// independent, so the standard error is that of a ratio estimate over users (Cochran 1977, "Sampling
// Techniques", 6.4).
class RatioAverage {
  public:
    void add(double x, double n) noexcept {
        users_++;
        x_ += x;
        n_ += n;
        xx_ += x * x;
        xn_ += x * n;
        nn_ += n * n;
    }
    std::int64_t users() const noexcept { return users_; }
    double rows() const noexcept { return n_; }
    double mean() const noexcept { return n_ > 0 ? x_ / n_ : kUndefined; }
    double standard_error() const noexcept {
        if (users_ < 2) return kUndefined;
        const double ratio = mean(), m = static_cast<double>(users_);
        const double squares = xx_ - 2 * ratio * xn_ + ratio * ratio * nn_;
        return std::sqrt(std::fmax(squares, 0) * m / (m - 1)) / n_;
    }

  private:
    std::int64_t users_ = 0;
    double x_ = 0, n_ = 0, xx_ = 0, xn_ = 0, nn_ = 0;
};

}  // namespace personalize::core
