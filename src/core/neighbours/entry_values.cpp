#include "core/neighbours/entry_values.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace personalize::core::knn {

namespace {

constexpr double kSaturation = 1.2, kLengthShare = .75;  // BM25's k1 and b

std::vector<double> means_of_rows(const SparseMatrix& matrix) {
    std::vector<double> means(static_cast<std::size_t>(matrix.rows()));
    for (std::int64_t r = 0; r < matrix.rows(); r++) {
        const SparseRow row = matrix.row(r);
        double sum = 0;
        for (const float value : row.values) sum += value;
        if (row.size() > 0) means[r] = sum / static_cast<double>(row.size());
    }
    return means;
}

double mean_length(const SparseMatrix& by_column) noexcept {
    std::int64_t raters = 0;
    for (std::int64_t u = 0; u < by_column.rows(); u++) raters += by_column.start[u + 1] > by_column.start[u];
    return static_cast<double>(by_column.nonzeros()) / static_cast<double>(std::max<std::int64_t>(1, raters));
}

}  // namespace

// Where all values are equal their mean is but for rounding: what is left is no deviation.
double deviation(double value, double mean) noexcept {
    constexpr double kRounding = 1e-7;
    const double difference = value - mean;
    return std::abs(difference) > kRounding * std::abs(mean) ? difference : 0;
}

std::vector<double> rater_factors(const SparseMatrix& by_row, const SparseMatrix& by_column,
                                  const Options& options) {
    const auto entities = static_cast<double>(by_row.rows()), mean = mean_length(by_column);
    const auto factor = [&](double length) {
        if (options.similarity == Similarity::rp3beta) return std::pow(length, -options.alpha / 2);
        switch (options.user_weighting) {
            case UserWeighting::activity:
                return 1 / std::sqrt(length);
            case UserWeighting::idf:
                return std::log(entities / length);
            case UserWeighting::bm25:
                return kSaturation * (1 - kLengthShare + kLengthShare * length / mean);
            default:
                return 1.0;
        }
    };
    std::vector<double> factors(static_cast<std::size_t>(by_column.rows()));
    for (std::int64_t u = 0; u < by_column.rows(); u++) {
        const auto length = static_cast<double>(by_column.start[u + 1] - by_column.start[u]);
        if (length > 0) factors[u] = factor(length);
    }
    return factors;
}

double saturated(double v, double denominator) noexcept {
    return v * (kSaturation + 1) / (std::abs(v) + denominator);
}

bool over_common_raters(Similarity similarity) noexcept {
    return similarity == Similarity::pearson || similarity == Similarity::adjusted_cosine;
}

std::size_t entry_values_memory(const SparseMatrix& by_row, const SparseMatrix& by_column) noexcept {
    return static_cast<std::size_t>(std::max(by_row.rows(), by_column.rows()) + by_column.rows()) *
           sizeof(double);
}

PairValues entry_values(const SparseMatrix& by_row, const SparseMatrix& by_column, const Options& options) {
    const bool saturates = options.user_weighting == UserWeighting::bm25,
               plain =
                   options.user_weighting == UserWeighting::none && options.similarity != Similarity::rp3beta;
    PairValues values;
    values.all_ones = knows_members_only(options.similarity);
    std::vector<double> factors = rater_factors(by_row, by_column, options);
    if (over_common_raters(options.similarity)) {
        const bool of_entity = options.similarity == Similarity::pearson;
        values.value = [=, factors = std::move(factors),
                        means = means_of_rows(of_entity ? by_row : by_column)](
                           std::int64_t entity, std::int32_t rater, float value) {
            const double v = deviation(value, means[of_entity ? entity : rater]);
            return static_cast<float>(saturates ? saturated(v, factors[rater]) : v * factors[rater]);
        };
    } else if (saturates && !values.all_ones) {
        values.value = [factors = std::move(factors)](std::int64_t, std::int32_t rater, float value) {
            return static_cast<float>(saturated(value, factors[rater]));
        };
    } else if (!plain) {
        for (double& factor : factors) {
            const double v = saturates ? saturated(1, factor) : factor;
            factor = v * v;
        }
        values.rater_weight = std::move(factors);
    }
    return values;
}

}  // namespace personalize::core::knn
