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

// The elements of a vector, scaled and then shifted.
template <class T>
struct Elements {
    std::span<const T> values;
    double scale = 1;  // a power of two: exact
    double mean = 0;   // of the scaled elements
    double operator()(std::size_t k) const { return static_cast<double>(values[k]) * scale - mean; }
};

template <class T>
CosineSums sums_of(const Elements<T>& a, const Elements<T>& b) {
    const std::size_t n = a.values.size();
    return {sum(n, [&](std::size_t k) { return a(k) * b(k); }),
            sum(n, [&](std::size_t k) { return a(k) * a(k); }),
            sum(n, [&](std::size_t k) { return b(k) * b(k); })};
}

// Elements brought near 1, as far as they are finite.
template <class T>
Elements<T> scaled(std::span<const T> values) {
    double largest = 0;
    for (const T value : values) largest = std::max(largest, std::fabs(static_cast<double>(value)));
    if (largest == 0 || !std::isfinite(largest)) return {values};
    return {values, std::ldexp(1.0, std::clamp(-std::ilogb(largest), -1000, 1000))};
}

bool squares_are_safe(double square) { return square > 1e-250 && square < 1e250; }

template <class T>
std::optional<double> cosine_of(std::span<const T> a, std::span<const T> b) {
    const CosineSums sums = sums_of(Elements<T>{a}, Elements<T>{b});
    if (squares_are_safe(sums.xx) && squares_are_safe(sums.yy)) return sums.cosine();
    return sums_of(scaled(a), scaled(b)).cosine();
}

template <class T>
Elements<T> centred(Elements<T> v) {
    const auto n = static_cast<double>(v.values.size());
    v.mean = sum(v.values.size(), [&](std::size_t k) { return v(k); }) / n;
    return v;
}

template <class T>
bool constant(std::span<const T> values) {
    return std::isfinite(values.front()) &&
           std::all_of(values.begin(), values.end(), [&](T value) { return value == values.front(); });
}

template <class T>
std::optional<double> pearson_of(std::span<const T> a, std::span<const T> b) {
    if (a.size() < 2 || constant(a) || constant(b)) return std::nullopt;
    return sums_of(centred(scaled(a)), centred(scaled(b))).cosine();
}

}  // namespace

double dot(std::span<const float> a, std::span<const float> b) noexcept { return dot_of(a, b); }
double dot(std::span<const double> a, std::span<const double> b) noexcept { return dot_of(a, b); }

std::optional<double> cosine(std::span<const float> a, std::span<const float> b) noexcept {
    return cosine_of(a, b);
}
std::optional<double> cosine(std::span<const double> a, std::span<const double> b) noexcept {
    return cosine_of(a, b);
}

std::optional<double> pearson(std::span<const float> a, std::span<const float> b) noexcept {
    return pearson_of(a, b);
}
std::optional<double> pearson(std::span<const double> a, std::span<const double> b) noexcept {
    return pearson_of(a, b);
}

std::optional<double> CosineSums::cosine() const noexcept { return ratio(xy, xx, yy); }

}  // namespace personalize::core
