#include "core/evaluation/conversion.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "core/runtime/error.hpp"

namespace personalize::core {

namespace {

// Probability that a standard normal deviate is beyond -z or z.
double two_sided(double z) noexcept { return std::erfc(std::abs(z) / std::numbers::sqrt2); }

// The z with two_sided(z) = 1 - confidence, by bisection.
double critical_value(double confidence) noexcept {
    double low = 0, high = 40;
    for (int k = 0; k < 100; k++) {
        const double middle = (low + high) / 2;
        (two_sided(middle) > 1 - confidence ? low : high) = middle;
    }
    return low;
}

// Sums over users are estimates from a sample of users.
double small_sample(double users) noexcept { return users / (users - 1); }

// Correlation of the rates of two versions, through the users whom both were shown to.
double correlation(const RatioSums& a, const Rate& rate_a, const RatioSums& b, const Rate& rate_b,
                   const CrossSums& cross) noexcept {
    const double scale = std::sqrt(rate_a.variance * rate_b.variance);
    if (!(scale > 0)) return 0;
    const double products =
        cross.cc - rate_a.rate * cross.nc - rate_b.rate * cross.cn + rate_a.rate * rate_b.rate * cross.nn;
    return std::clamp(products / (a.n * b.n * scale), -1.0, 1.0);
}

bool enough(const RatioSums& sums, const Rate& rate, double pooled) noexcept {
    return sums.users >= kMinUsers && rate.effective * std::min(pooled, 1 - pooled) >= kMinExpected;
}

}  // namespace

Rate estimate(const RatioSums& sums) noexcept {
    const double rate = sums.c / sums.n;
    const double squares = std::max(0.0, sums.cc - 2 * rate * sums.nc + rate * rate * sums.nn);
    if (sums.users < 2 || sums.c <= 0 || sums.c >= sums.n) return {rate, 0, sums.users};
    const double variance = small_sample(sums.users) * squares / (sums.n * sums.n);
    const double binomial = rate * (1 - rate);
    return {rate, variance, variance * sums.n > binomial ? binomial / variance : sums.n};
}

Interval wilson(double rate, double size, double confidence) noexcept {
    const double z = critical_value(confidence);
    const double shrink = z * z / size;
    const double centre = (rate + shrink / 2) / (1 + shrink);
    const double half = std::sqrt(rate * (1 - rate) * shrink + shrink * shrink / 4) / (1 + shrink);
    return {rate <= 0 ? 0 : std::max(0.0, centre - half), rate >= 1 ? 1 : std::min(1.0, centre + half)};
}

const char* to_text(Verdict verdict) noexcept {
    switch (verdict) {
        case Verdict::reference:
            return "reference";
        case Verdict::better:
            return "better";
        case Verdict::worse:
            return "worse";
        case Verdict::no_difference:
            return "no difference seen";
        default:
            return "too few";
    }
}

Comparison compare(const RatioSums& reference, const RatioSums& other, const CrossSums& cross,
                   double confidence) noexcept {
    Comparison result;
    if (!(reference.n > 0 && other.n > 0)) return result;
    const Rate before = estimate(reference), after = estimate(other);
    if (before.rate > 0) result.lift = after.rate / before.rate - 1;
    const double pooled = (before.rate * before.effective + after.rate * after.effective) /
                          (before.effective + after.effective);
    if (!enough(reference, before, pooled) || !enough(other, after, pooled)) return result;
    const double spread_before = std::sqrt(pooled * (1 - pooled) / before.effective);
    const double spread_after = std::sqrt(pooled * (1 - pooled) / after.effective);
    const double variance =
        spread_before * spread_before + spread_after * spread_after -
        2 * correlation(reference, before, other, after, cross) * spread_before * spread_after;
    const double difference = after.rate - before.rate;
    // Rates that move as one have no variance in their difference.
    result.p_value = difference == 0 ? 1 : two_sided(difference / std::sqrt(std::max(0.0, variance)));
    result.verdict = *result.p_value >= 1 - confidence ? Verdict::no_difference
                     : difference > 0                  ? Verdict::better
                                                       : Verdict::worse;
    return result;
}

void check_confidence(double confidence) {
    if (confidence > 0 && confidence < 1) return;
    char message[64];
    std::snprintf(message, sizeof message, "confidence is %.10g", confidence);
    throw InvalidInput(message, "Give a value between 0 and 1, for example 0.95.");
}

}  // namespace personalize::core
