// Rates of conversion and their uncertainty, where a user is shown many items.
//
// What one user does with one item goes with what they do with the next, so impressions are no independent
// draws; users are. A rate is the ratio of two sums over users, converted impressions c over impressions n,
// and its variance is that of the linearized ratio (delta method; Deng, Knoblich, Lu 2018, "Applying the
// Delta Method in Metric Analytics", section 3; Cochran 1977, "Sampling Techniques", chapter 6).
#pragma once

#include <optional>

namespace personalize::core {

// Sums over the users who were shown something, each with n > 0 impressions of which c are converted.
struct RatioSums {
    double users = 0, n = 0, c = 0, nn = 0, nc = 0, cc = 0;
};

// Sums of n0 n1, n0 c1, c0 n1, c0 c1 over the users who were shown something by both of two versions, 0
// and 1.
struct CrossSums {
    double nn = 0, nc = 0, cn = 0, cc = 0;
};

struct Rate {
    double rate;      // c / n
    double variance;  // of the rate, clustered on users
    // Independent impressions that would tell as much: rate (1 - rate) / variance, at most n. Where the rate
    // is 0 or 1, or there is one user, the variance says nothing, and it is the number of users.
    double effective;
};

// sums.n > 0.
Rate estimate(const RatioSums& sums) noexcept;

struct Interval {
    double low, high;
};

// Score interval (Wilson 1927) of a rate seen in `size` > 0 independent draws. `confidence` is in (0, 1).
Interval wilson(double rate, double size, double confidence) noexcept;

enum class Verdict { reference, better, worse, no_difference, too_few };
const char* to_text(Verdict verdict) noexcept;  // 'no difference seen', ...

// Fewer users than this, or an expected effective count of (un)converted impressions below the second number
// in one of the two versions (Cochran's rule), are too few to compare by a normal distribution.
inline constexpr double kMinUsers = 30, kMinExpected = 5;

struct Comparison {
    std::optional<double> lift;  // rate / reference rate - 1; none where that is 0 or one has no impressions
    std::optional<double> p_value;  // two-sided; none where there are too few
    Verdict verdict = Verdict::too_few;
};

// z test of the difference of two rates. Under its hypothesis both rates are one, so that the variance of
// each is that of the pooled rate at its own effective number of impressions (Rao and Scott 1992, "A Simple
// Method for the Analysis of Clustered Binary Data"): a version with few users and no conversion seen has a
// variance, too. Users whom both versions were shown to correlate the rates; `cross` is of reference and
// other, in this order.
Comparison compare(const RatioSums& reference, const RatioSums& other, const CrossSums& cross,
                   double confidence) noexcept;

// Throws InvalidInput where it is not in (0, 1).
void check_confidence(double confidence);

}  // namespace personalize::core
