#include "core/ranking/score_moments.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "core/runtime/poll_counter.hpp"

namespace personalize::core {

namespace {

constexpr double kOfRounding = 0x1p-20;

ScoreMoments beyond_rounding(double mean, double variance) noexcept {
    const double deviation = std::sqrt(std::max(variance, 0.0));
    const bool differs = deviation > kOfRounding * std::hypot(mean, deviation) && std::isfinite(deviation);
    return {mean, differs ? deviation : 0};
}

// Some rows less their mean, in double; zeros behind the last of all.
class CenteredRows {
  public:
    static constexpr int kTogether = 4;

    explicit CenteredRows(std::span<const double> mean) : mean_(mean), rows_(kTogether * mean.size()) {}

    void take(FactorsView rows, std::int64_t first) {
        for (int r = 0; r < kTogether; r++)
            for (std::size_t k = 0; k < mean_.size(); k++)
                rows_[r * mean_.size() + k] = first + r < rows.rows ? rows.row(first + r)[k] - mean_[k] : 0;
    }

    // Adds their products to the lower triangle of `sums`.
    void add_products(double* sums) const noexcept {
        const std::size_t width = mean_.size();
        const double *const a = rows_.data(), *const b = a + width, *const c = b + width,
                            *const d = c + width;
        for (std::size_t i = 0; i < width; i++) {
            double* __restrict const out = sums + i * width;
            for (std::size_t j = 0; j <= i; j++)
                out[j] += (a[i] * a[j] + b[i] * b[j]) + (c[i] * c[j] + d[i] * d[j]);
        }
    }

  private:
    const std::span<const double> mean_;
    std::vector<double> rows_;
};

}  // namespace

// Added in lanes of a fixed number, so that the order is the same everywhere.
ScoreMoments score_moments(std::span<const float> scores) noexcept {
    constexpr std::size_t kLanesOfSum = 8;
    std::array<double, kLanesOfSum> sum{}, squares{};
    const float shift = scores.front();
    std::size_t k = 0;
    const auto add = [&](std::size_t lane, float score) {
        const double x = static_cast<double>(score) - shift;
        sum[lane] += x;
        squares[lane] += x * x;
    };
    for (; k + kLanesOfSum <= scores.size(); k += kLanesOfSum)
        for (std::size_t lane = 0; lane < kLanesOfSum; lane++) add(lane, scores[k + lane]);
    for (; k < scores.size(); k++) add(0, scores[k]);
    const auto n = static_cast<double>(scores.size());
    const double mean = std::accumulate(sum.begin(), sum.end(), 0.0) / n;
    const double variance = std::accumulate(squares.begin(), squares.end(), 0.0) / n - mean * mean;
    return beyond_rounding(shift + mean, variance);
}

void row_moments(FactorsView rows, std::span<double> moments, Host& host) {
    const auto width = static_cast<std::size_t>(rows.width);
    const auto mean = moments.first(width), covariance = moments.subspan(width);
    const auto count = static_cast<double>(rows.rows);
    PollCounter progress(host);
    std::fill(moments.begin(), moments.end(), 0.0);
    for (std::int64_t r = 0; r < rows.rows; r++) {
        for (std::size_t k = 0; k < width; k++) mean[k] += rows.row(r)[k] / count;
        progress.count(rows.width);
    }
    CenteredRows centered(mean);
    for (std::int64_t first = 0; first < rows.rows; first += CenteredRows::kTogether) {
        centered.take(rows, first);
        centered.add_products(covariance.data());
        progress.count(std::int64_t{rows.width} * rows.width / CenteredRows::kTogether);
    }
    for (std::size_t i = 0; i < width; i++)
        for (std::size_t j = 0; j <= i; j++)
            covariance[i * width + j] = covariance[j * width + i] = covariance[i * width + j] / count;
}

ScoreMoments score_moments(std::span<const double> moments_of_rows, std::span<const float> x, float offset) {
    const double *const mean = moments_of_rows.data(), *const covariance = mean + x.size();
    std::vector<double> products(x.size());
    for (std::size_t i = 0; i < x.size(); i++) {
        const double* const row = covariance + i * x.size();
        for (std::size_t j = 0; j < x.size(); j++) products[j] += x[i] * row[j];
    }
    double score = offset, variance = 0;
    for (std::size_t i = 0; i < x.size(); i++) {
        score += x[i] * mean[i];
        variance += x[i] * products[i];
    }
    return beyond_rounding(score, variance);
}

}  // namespace personalize::core
