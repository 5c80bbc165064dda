#include "core/factorization/normal_wishart.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/factorization/double_cholesky.hpp"
#include "core/runtime/parallel.hpp"

namespace personalize::core {

namespace {

constexpr std::int64_t kMostChunks = 64, kFewestRows = 1024;  // of the sums over rows
constexpr std::int64_t kFlopsPerStop = 1 << 20;

// Adds row^T row, its lower triangle.
void add_row(const float* row, int rank, RowSums& sums) {
    for (int i = 0; i < rank; i++) {
        const double x = row[i];
        double* const products = sums.products.data() + static_cast<std::ptrdiff_t>(i) * rank;
        sums.sum[i] += x;
        for (int j = 0; j <= i; j++) products[j] += x * row[j];
    }
}

RowSums no_rows(int rank) {
    const auto d = static_cast<std::size_t>(rank);
    return {0, std::vector<double>(d), std::vector<double>(d * d)};
}

RowSums sums_of(FactorsView factors, int rank, std::int64_t first, std::int64_t last) {
    RowSums sums = no_rows(rank);
    sums.rows = static_cast<double>(last - first);
    const std::int64_t rows_per_stop = 1 + kFlopsPerStop / (static_cast<std::int64_t>(rank) * rank);
    for (std::int64_t r = first; r < last; r++) {
        if ((r - first) % rows_per_stop == 0) stop_point();
        add_row(factors.row(r), rank, sums);
    }
    return sums;
}

void add(const RowSums& from, RowSums& to) {
    to.rows += from.rows;
    std::transform(from.sum.begin(), from.sum.end(), to.sum.begin(), to.sum.begin(), std::plus<>());
    std::transform(from.products.begin(), from.products.end(), to.products.begin(), to.products.begin(),
                   std::plus<>());
}

void mirror(RowSums& sums, std::size_t rank) {
    for (std::size_t i = 0; i < rank; i++)
        for (std::size_t j = 0; j < i; j++) sums.products[j * rank + i] = sums.products[i * rank + j];
}

// A draw of the Wishart distribution with scale (inverse_scale)^-1 = M M^T (Bartlett 1933): M A A^T M^T.
// Where inverse_scale = L L^T, M is L^-T.
SquareMatrix draw_wishart(const SquareMatrix& inverse_scale, double freedom, Random& random) {
    const std::size_t d = inverse_scale.order;
    const SquareMatrix l = cholesky(inverse_scale);
    SquareMatrix result(d);
    SquareMatrix a(d);
    for (std::size_t i = 0; i < d; i++) {
        a(i, i) = std::sqrt(2 * draw_gamma((freedom - static_cast<double>(i)) / 2, random));
        for (std::size_t j = 0; j < i; j++) a(i, j) = random.normal();
    }
    std::vector<double> column(d);
    for (std::size_t j = 0; j < d; j++) {
        for (std::size_t i = 0; i < d; i++) column[i] = a(i, j);
        solve_transposed(l, column);
        for (std::size_t i = 0; i < d; i++)
            for (std::size_t k = 0; k < d; k++) result(i, k) += column[i] * column[k];
    }
    return result;
}

}  // namespace

double draw_gamma(double shape, Random& random) {
    if (shape < 1) {
        const double boosted = draw_gamma(shape + 1, random);
        return boosted * std::pow(1 - random.uniform(), 1 / shape);
    }
    const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
    while (true) {
        const double x = random.normal(), root = 1 + c * x;
        if (root <= 0) continue;
        const double v = root * root * root, u = 1 - random.uniform();
        if (std::log(u) < x * x / 2 + d * (1 - v + std::log(v))) return d * v;
    }
}

std::size_t row_sums_memory(std::int64_t rows, std::int64_t other_rows, int rank) noexcept {
    const auto d = static_cast<std::size_t>(rank);
    const std::int64_t chunks = 1 + std::min(kMostChunks, std::max(rows, other_rows) / kFewestRows + 1);
    return static_cast<std::size_t>(chunks) * (sizeof(RowSums) + (d + d * d) * sizeof(double));
}

RowSums row_sums(FactorsView factors, int rank, int threads, Host& host) {
    const std::int64_t per_chunk = std::max(kFewestRows, (factors.rows + kMostChunks - 1) / kMostChunks);
    const std::int64_t chunks = (factors.rows + per_chunk - 1) / per_chunk;
    std::vector<RowSums> parts(static_cast<std::size_t>(chunks));
    parallel_chunks(host, threads, chunks, [&]() -> ChunkBody {
        return [&](std::int64_t c) {
            parts[c] = sums_of(factors, rank, c * per_chunk, std::min(factors.rows, (c + 1) * per_chunk));
        };
    });
    RowSums all = no_rows(rank);
    for (const RowSums& part : parts) add(part, all);
    mirror(all, static_cast<std::size_t>(rank));
    return all;
}

// S + (beta0 N / beta) m m^T of the paper is products - sum sum^T / beta.
Gaussian draw_gaussian(const RowSums& rows, Random& random) {
    constexpr double kBeta0 = 2;
    const std::size_t d = rows.sum.size();
    const double beta = kBeta0 + rows.rows, freedom = static_cast<double>(d) + rows.rows;
    SquareMatrix inverse_scale(d, rows.products);
    for (std::size_t i = 0; i < d; i++) {
        inverse_scale(i, i) += 1;
        for (std::size_t j = 0; j < d; j++) inverse_scale(i, j) -= rows.sum[i] * rows.sum[j] / beta;
    }
    const SquareMatrix precision = draw_wishart(inverse_scale, freedom, random);
    std::vector<double> mean(d);
    for (double& z : mean) z = random.normal();
    solve_transposed(cholesky(precision), mean);
    for (std::size_t i = 0; i < d; i++) mean[i] = rows.sum[i] / beta + mean[i] / std::sqrt(beta);
    return {std::move(mean), precision.values};
}

}  // namespace personalize::core
