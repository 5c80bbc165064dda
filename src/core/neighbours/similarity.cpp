#include "core/neighbours/similarity.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace personalize::core {

namespace {

// Partial sums that do not wait for one another.
constexpr std::size_t kChains = 8;

template <class Term>
double sum(std::size_t n, Term&& term) {
    double chains[kChains] = {};
    std::size_t k = 0;
    for (; k + kChains <= n; k += kChains)
        for (std::size_t c = 0; c < kChains; c++) chains[c] += term(k + c);
    for (; k < n; k++) chains[k % kChains] += term(k);
    double total = 0;
    for (const double chain : chains) total += chain;
    return total;
}

template <class T>
double dot_of(std::span<const T> a, std::span<const T> b) {
    return sum(a.size(),
               [&](std::size_t k) { return static_cast<double>(a[k]) * static_cast<double>(b[k]); });
}

std::optional<double> ratio(double xy, double xx, double yy) {
    if (xx == 0 || yy == 0) return std::nullopt;
    // Two roots: the product of the squares could overflow.
    const double cosine = xy / std::sqrt(xx) / std::sqrt(yy);
    return std::isnan(cosine) ? cosine : std::clamp(cosine, -1.0, 1.0);
}

template <class T>
struct Shift {
    std::span<const T> values;
    double mean = 0;
    double scale = 1;  // a power of two: exact
    double operator()(std::size_t k) const { return (static_cast<double>(values[k]) - mean) * scale; }
};

template <class T>
CosineSums sums_of(const Shift<T>& a, const Shift<T>& b) {
    const std::size_t n = a.values.size();
    return {sum(n, [&](std::size_t k) { return a(k) * b(k); }),
            sum(n, [&](std::size_t k) { return a(k) * a(k); }),
            sum(n, [&](std::size_t k) { return b(k) * b(k); })};
}

bool squares_are_safe(double square) { return square > 1e-250 && square < 1e250; }

// Power of two that brings the largest deviation near 1; 1 where there is none, or no finite one.
template <class T>
double safe_scale(const Shift<T>& v) {
    double largest = 0;
    for (std::size_t k = 0; k < v.values.size(); k++) largest = std::max(largest, std::fabs(v(k)));
    if (largest == 0 || !std::isfinite(largest)) return 1;
    return std::ldexp(1.0, std::clamp(-std::ilogb(largest), -1000, 1000));
}

template <class T>
std::optional<double> cosine_of(Shift<T> a, Shift<T> b) {
    CosineSums sums = sums_of(a, b);
    if (!squares_are_safe(sums.xx) || !squares_are_safe(sums.yy)) {
        a.scale = safe_scale(a);
        b.scale = safe_scale(b);
        sums = sums_of(a, b);
    }
    return sums.cosine();
}

template <class T>
double mean_of(std::span<const T> values) {
    const auto n = static_cast<double>(values.size());
    return sum(values.size(), [&](std::size_t k) { return static_cast<double>(values[k]) / n; });
}

template <class T>
bool constant(std::span<const T> values) {
    return std::all_of(values.begin(), values.end(), [&](T value) { return value == values.front(); });
}

template <class T>
std::optional<double> pearson_of(std::span<const T> a, std::span<const T> b) {
    if (a.size() < 2 || constant(a) || constant(b)) return std::nullopt;
    return cosine_of(Shift<T>{a, mean_of(a)}, Shift<T>{b, mean_of(b)});
}

}  // namespace

double dot(std::span<const float> a, std::span<const float> b) noexcept { return dot_of(a, b); }
double dot(std::span<const double> a, std::span<const double> b) noexcept { return dot_of(a, b); }

std::optional<double> cosine(std::span<const float> a, std::span<const float> b) noexcept {
    return cosine_of(Shift<float>{a}, Shift<float>{b});
}
std::optional<double> cosine(std::span<const double> a, std::span<const double> b) noexcept {
    return cosine_of(Shift<double>{a}, Shift<double>{b});
}

std::optional<double> pearson(std::span<const float> a, std::span<const float> b) noexcept {
    return pearson_of(a, b);
}
std::optional<double> pearson(std::span<const double> a, std::span<const double> b) noexcept {
    return pearson_of(a, b);
}

void CosineSums::add(double x, double y) noexcept {
    xy += x * y;
    xx += x * x;
    yy += y * y;
}

void CosineSums::combine(const CosineSums& other) noexcept {
    xy += other.xy;
    xx += other.xx;
    yy += other.yy;
}

std::optional<double> CosineSums::cosine() const noexcept { return ratio(xy, xx, yy); }

}  // namespace personalize::core
