#include "core/neighbours/neighbour_values.hpp"

#include <algorithm>
#include <cmath>

namespace personalize::core::knn {

namespace {

constexpr double kK1 = 1.2, kB = .75;

bool counts_members(Similarity similarity) noexcept {
    return similarity == Similarity::jaccard || similarity == Similarity::cooccurrence ||
           similarity == Similarity::rp3beta;
}

UserWeighting weighting_of(const Options& options) noexcept {
    const bool has =
        options.similarity == Similarity::cosine || options.similarity == Similarity::cooccurrence;
    return has ? options.user_weighting : UserWeighting::none;
}

// value(row, rater, value of the entry) for all entries, in the order of a matrix.
template <class Value>
BulkVector<float> fill(const SparseMatrix& matrix, Host& host, Value value) {
    BulkVector<float> result(matrix.values.size());
    for (std::int64_t r = 0; r < matrix.rows(); r++) {
        const SparseRow row = matrix.row(r);
        float* const out = result.data() + matrix.start[r];
        for (std::size_t k = 0; k < row.size(); k++)
            out[k] = value(r, static_cast<std::int64_t>(row.columns[k]), row.values[k]);
        if (r % 1024 == 0) host.poll();
    }
    return result;
}

std::vector<double> means(const SparseMatrix& matrix) {
    std::vector<double> result;
    for (std::int64_t r = 0; r < matrix.rows(); r++) {
        double sum = 0;
        for (const float value : matrix.row(r).values) sum += value;
        result.push_back(matrix.row(r).size() > 0 ? sum / static_cast<double>(matrix.row(r).size()) : 0);
    }
    return result;
}

// Members of each row; of `likes` those above 0 only.
std::vector<float> sizes(const SparseMatrix& matrix, bool likes) {
    std::vector<float> result;
    for (std::int64_t r = 0; r < matrix.rows(); r++) {
        const auto values = matrix.row(r).values;
        const auto members = likes
                                 ? std::count_if(values.begin(), values.end(), [](float v) { return v > 0; })
                                 : std::ssize(values);
        result.push_back(static_cast<float>(members));
    }
    return result;
}

// What a rater's values are multiplied by; bm25 has a factor of the value besides.
std::vector<float> weights_of_raters(const Options& options, const SparseMatrix& by_column,
                                     const std::vector<float>& size) {
    const auto rows = static_cast<double>(by_column.columns_count);
    std::vector<float> result;
    for (const float n : size) {
        const double rated = std::max(1.f, n), idf = std::log(std::max(2., rows / rated));
        double weight = 1;
        if (options.similarity == Similarity::rp3beta)
            weight = std::pow(rated, -.5 * options.alpha);  // of each of the two that are multiplied
        else if (weighting_of(options) == UserWeighting::activity)
            weight = 1 / std::sqrt(rated);
        else if (weighting_of(options) != UserWeighting::none)
            weight = idf;
        result.push_back(static_cast<float>(weight));
    }
    return result;
}

// How bm25 lets a rater's values saturate, by how many they rated.
std::vector<float> saturation(const SparseMatrix& by_column, const std::vector<float>& size) {
    const double mean = static_cast<double>(by_column.nonzeros()) / static_cast<double>(by_column.rows());
    std::vector<float> result;
    for (const float n : size) result.push_back(static_cast<float>(kK1 * (1 - kB + kB * n / mean)));
    return result;
}

// 1 / |row| for cosine, n^-beta for rp3beta (of the row itself it goes when weights are normalized).
std::vector<float> factors(const Options& options, const SparseMatrix& by_row, const Values& values) {
    std::vector<float> result(static_cast<std::size_t>(by_row.rows()), 1);
    for (std::int64_t r = 0; r < by_row.rows(); r++) {
        double square = 0;
        for (auto k = by_row.start[r]; k < by_row.start[r + 1]; k++)
            square += static_cast<double>(values.of_row[k]) * values.of_row[k];
        if (options.similarity == Similarity::cosine)
            result[r] = square > 0 ? static_cast<float>(1 / std::sqrt(square)) : 0;
        else if (options.similarity == Similarity::rp3beta)
            result[r] = std::pow(std::max(1.f, values.size[r]), -options.beta);
    }
    return result;
}

void subtract_means(const SparseMatrix& by_row, const SparseMatrix& by_column, Host& host, Values& values) {
    const bool of_rows = values.similarity == Similarity::pearson;
    const std::vector<double> mean = means(of_rows ? by_row : by_column);
    values.of_row = fill(by_row, host, [&](auto row, auto rater, float value) {
        return static_cast<float>(value - mean[of_rows ? row : rater]);
    });
    values.of_column = fill(by_column, host, [&](auto rater, auto row, float value) {
        return static_cast<float>(value - mean[of_rows ? row : rater]);
    });
}

void weight_raters(const SparseMatrix& by_row, const SparseMatrix& by_column, const Options& options,
                   Host& host, Values& values) {
    const bool members = counts_members(options.similarity), likes = values.zero_is_absent;
    const std::vector<float> rated = sizes(by_column, likes);
    const std::vector<float> weight = weights_of_raters(options, by_column, rated);
    const bool saturates = weighting_of(options) == UserWeighting::bm25;
    const std::vector<float> limit = saturates ? saturation(by_column, rated) : std::vector<float>();
    const auto value = [&](std::int64_t rater, float v) -> float {
        if (members) v = likes && !(v > 0) ? 0.f : 1.f;
        if (saturates) v *= static_cast<float>(kK1 + 1) / (std::fabs(v) + limit[rater]);
        return v * weight[rater];
    };
    values.of_row = fill(by_row, host, [&](auto, auto rater, float v) { return value(rater, v); });
    const auto is_one = [](float v) { return v == 1; };
    values.constant_by_rater = std::all_of(by_row.values.begin(), by_row.values.end(), is_one) ||
                               (members && options.all_are_members);
    if (!values.constant_by_rater)
        values.of_column = fill(by_column, host, [&](auto rater, auto, float v) { return value(rater, v); });
}

}  // namespace

Values prepare_values(const SparseMatrix& by_row, const SparseMatrix& by_column, const Options& options,
                      Host& host) {
    Values values;
    values.similarity = options.similarity;
    values.zero_is_absent = counts_members(options.similarity) && !options.all_are_members;
    values.size = sizes(by_row, values.zero_is_absent);
    if (values.over_common())
        subtract_means(by_row, by_column, host, values);
    else
        weight_raters(by_row, by_column, options, host, values);
    values.factor = factors(options, by_row, values);
    return values;
}

}  // namespace personalize::core::knn
