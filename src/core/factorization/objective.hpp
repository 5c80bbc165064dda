// What a factorization minimizes, with the numbers that training and fold-in share.
#pragma once

#include <cstdint>

#include "core/ratings/feedback.hpp"

namespace personalize::core {

inline constexpr int kMinRank = 1, kDefaultRank = 64, kMaxRank = 1024;

// Implicit (Rendle, Krichene, Zhang, Koren 2021, "Revisiting the Performance of iALS on Item Recommendation
// Benchmarks", eq. 1-3), S the observed pairs, c and p confidence and preference (feedback.hpp):
//   sum_S c (x_u.y_i - p)^2 + a0 sum_{all u, i} (x_u.y_i)^2
//     + lambda ( sum_u (|I_u| + a0 |I|)^nu |x_u|^2 + sum_i (|U_i| + a0 |U|)^nu |y_i|^2 )
// Explicit: r the rating minus the mean of all ratings,
//   sum_S (x_u.y_i + b_u + b_i - r)^2 + lambda ( sum_u |I_u| (|x_u|^2 + b_u^2) + sum_i |U_i| (|y_i|^2 +
//   b_i^2) )
struct Objective {
    Feedback feedback = Feedback::implicit_feedback;
    int rank = kDefaultRank;       // d, without biases
    float regularization = 0;      // lambda > 0
    float unobserved_weight = 0;   // a0 > 0; implicit only
    float frequency_exponent = 1;  // nu; implicit only

    bool has_biases() const noexcept { return feedback == Feedback::explicit_feedback; }
    int width() const noexcept { return rank + (has_biases() ? 2 : 0); }  // of a row of factors
    // lambda (n + a0 m)^nu, or lambda n: what a row with n observations of m possible ones adds to its
    // diagonal.
    float ridge(std::int64_t observed, std::int64_t possible) const noexcept;
};

// Defaults chosen from the data (doc/design.md).
// Implicit: a0 = 15 x density in [.001, 1]; lambda (nu 1) .004 from 1,000 items on, more of fewer.
float default_unobserved_weight(std::int64_t users, std::int64_t items, std::int64_t observed) noexcept;
float default_regularization(std::int64_t users, std::int64_t items, std::int64_t observed,
                             float unobserved_weight) noexcept;
// Explicit: lambda .12, by gradient descent .02.
float default_explicit_regularization(bool gradient_descent) noexcept;

}  // namespace personalize::core
