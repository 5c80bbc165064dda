#include "core/content/attribute_factors.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "core/runtime/parallel.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core {

namespace {

// Columns of factors that are solved together.
constexpr int kColumns = 8;
constexpr int kMostSteps = 50;
constexpr double kTolerance = 1e-5;                           // of the residual's length
constexpr double kRidges[] = {1e-2, 1e-1, 1, 1e1, 1e2, 1e3};  // times the mean weight
constexpr std::uint64_t kFold = 5;                            // one of so many items is held out
constexpr std::int64_t kEntriesPerPoll = 1 << 16;

using Columns = std::array<double, kColumns>;
using Coefficients = std::vector<Columns>;  // a row for each term, and one for the constant

void add_product(Columns& sum, double factor, const Columns& columns) {
    for (int c = 0; c < kColumns; c++) sum[c] += factor * columns[c];
}

// The regression of some columns on the items that `is_used`.
class Regression {
  public:
    Regression(const SparseMatrix& features, std::span<const float> weights, const Factors& factors,
               int first, int count)
        : features_(features), weights_(weights), factors_(factors), first_(first), count_(count) {}

    Columns predict(const Coefficients& coefficients, std::int64_t item) const {
        Columns sum = coefficients.back();
        const SparseRow row = features_.row(item);
        for (std::size_t k = 0; k < row.size(); k++)
            add_product(sum, row.values[k], coefficients[row.columns[k]]);
        return sum;
    }

    // By conjugate gradients with the diagonal as preconditioner, from `start` on. IsUsed: bool(item).
    template <class IsUsed>
    Coefficients solve(double ridge, Coefficients start, const IsUsed& is_used) const {
        const std::vector<double> diagonal = diagonal_of(ridge, is_used);
        Coefficients solution = std::move(start), residual = rhs(is_used), product(solution.size());
        multiply(solution, ridge, is_used, product);
        const Columns whole = dot(residual, residual);
        for (std::size_t t = 0; t < residual.size(); t++)
            for (int c = 0; c < kColumns; c++) residual[t][c] -= product[t][c];
        Coefficients conditioned = scaled(residual, diagonal), direction = conditioned;
        Columns now = dot(residual, conditioned);
        for (int step = 0; step < kMostSteps; step++) {
            multiply(direction, ridge, is_used, product);
            const Columns length = ratio(now, dot(direction, product));
            for (std::size_t t = 0; t < solution.size(); t++)
                for (int c = 0; c < kColumns; c++) {
                    solution[t][c] += length[c] * direction[t][c];
                    residual[t][c] -= length[c] * product[t][c];
                }
            if (is_small(dot(residual, residual), whole)) break;
            conditioned = scaled(residual, diagonal);
            const Columns next = dot(residual, conditioned), share = ratio(next, now);
            for (std::size_t t = 0; t < direction.size(); t++)
                for (int c = 0; c < kColumns; c++)
                    direction[t][c] = conditioned[t][c] + share[c] * direction[t][c];
            now = next;
        }
        return solution;
    }

    // sum w |y - prediction|^2 of the items that `is_used`.
    template <class IsUsed>
    double error(const Coefficients& coefficients, const IsUsed& is_used) const {
        double sum = 0;
        for_each_item(is_used, [&](std::int64_t item) {
            const Columns predicted = predict(coefficients, item);
            for (int c = 0; c < count_; c++) {
                const double off = target(item, c) - predicted[c];
                sum += weights_[item] * off * off;
            }
        });
        return sum;
    }

    std::size_t size() const { return static_cast<std::size_t>(features_.columns_count) + 1; }

  private:
    double target(std::int64_t item, int c) const { return factors_.row(item)[first_ + c]; }

    template <class IsUsed, class Visit>
    void for_each_item(const IsUsed& is_used, const Visit& visit) const {
        std::int64_t entries = 0;
        for (std::int64_t item = 0; item < features_.rows(); item++) {
            if (weights_[item] > 0 && is_used(item)) visit(item);
            if ((entries += features_.start[item + 1] - features_.start[item] + 1) < kEntriesPerPoll)
                continue;
            entries = 0;
            stop_point();
        }
    }

    template <class IsUsed>
    Coefficients rhs(const IsUsed& is_used) const {
        Coefficients sum(size());
        for_each_item(is_used, [&](std::int64_t item) {
            Columns weighted{};
            for (int c = 0; c < count_; c++) weighted[c] = weights_[item] * target(item, c);
            add_row(sum, item, weighted);
        });
        return sum;
    }

    template <class IsUsed>
    void multiply(const Coefficients& by, double ridge, const IsUsed& is_used, Coefficients& result) const {
        for (std::size_t t = 0; t < by.size(); t++)
            for (int c = 0; c < kColumns; c++) result[t][c] = (t + 1 < by.size() ? ridge : 0) * by[t][c];
        for_each_item(is_used, [&](std::int64_t item) {
            Columns weighted = predict(by, item);
            for (double& value : weighted) value *= weights_[item];
            add_row(result, item, weighted);
        });
    }

    void add_row(Coefficients& sum, std::int64_t item, const Columns& columns) const {
        const SparseRow row = features_.row(item);
        for (std::size_t k = 0; k < row.size(); k++) add_product(sum[row.columns[k]], row.values[k], columns);
        add_product(sum.back(), 1, columns);
    }

    template <class IsUsed>
    std::vector<double> diagonal_of(double ridge, const IsUsed& is_used) const {
        std::vector<double> sum(size(), ridge);
        sum.back() = 0;
        for_each_item(is_used, [&](std::int64_t item) {
            const SparseRow row = features_.row(item);
            for (std::size_t k = 0; k < row.size(); k++)
                sum[row.columns[k]] += static_cast<double>(weights_[item]) * row.values[k] * row.values[k];
            sum.back() += weights_[item];
        });
        return sum;
    }

    static Coefficients scaled(const Coefficients& values, const std::vector<double>& diagonal) {
        Coefficients result = values;
        for (std::size_t t = 0; t < result.size(); t++)
            for (double& value : result[t]) value = diagonal[t] > 0 ? value / diagonal[t] : 0;
        return result;
    }
    static Columns dot(const Coefficients& a, const Coefficients& b) {
        Columns sum{};
        for (std::size_t t = 0; t < a.size(); t++)
            for (int c = 0; c < kColumns; c++) sum[c] += a[t][c] * b[t][c];
        return sum;
    }
    static Columns ratio(const Columns& a, const Columns& b) {
        Columns result;
        for (int c = 0; c < kColumns; c++) result[c] = b[c] > 0 ? a[c] / b[c] : 0;
        return result;
    }
    static bool is_small(const Columns& square, const Columns& whole) {
        bool small = true;
        for (int c = 0; c < kColumns; c++) small = small && square[c] <= kTolerance * kTolerance * whole[c];
        return small;
    }

    const SparseMatrix& features_;
    const std::span<const float> weights_;
    const Factors& factors_;
    const int first_, count_;
};

// From the largest to the smallest, each from the solution of the one before.
double best_ridge(const Regression& regression, double mean_weight) {
    // By hash: what follows in a table often has something in common.
    const auto is_held_out = [](std::int64_t item) {
        return mix64(static_cast<std::uint64_t>(item)) % kFold == 0;
    };
    const auto is_used = [&](std::int64_t item) { return !is_held_out(item); };
    Coefficients coefficients(regression.size());
    double best = 0, least = std::numeric_limits<double>::infinity();
    for (auto ridge = std::rbegin(kRidges); ridge != std::rend(kRidges); ++ridge) {
        coefficients = regression.solve(*ridge * mean_weight, std::move(coefficients), is_used);
        const double error = regression.error(coefficients, is_held_out);
        if (error < least) {
            least = error;
            best = *ridge * mean_weight;
        }
    }
    return best;
}

}  // namespace

void extend_by_attributes(const SparseMatrix& features, std::span<const float> weights, int columns,
                          int threads, Host& host, Factors& factors) {
    double sum = 0;
    std::int64_t known = 0;
    for (const float weight : weights) {
        sum += weight;
        known += weight > 0;
    }
    const auto regression = [&](int chunk) {
        return Regression(features, weights, factors, chunk * kColumns,
                          std::min(kColumns, columns - chunk * kColumns));
    };
    double ridge = 0;
    parallel_chunks(host, 1, 1, [&]() -> ChunkBody {
        return [&](std::int64_t) { ridge = best_ridge(regression(0), sum / static_cast<double>(known)); };
    });
    parallel_chunks(host, threads, (columns + kColumns - 1) / kColumns, [&]() -> ChunkBody {
        return [&](std::int64_t chunk) {
            const Regression some = regression(static_cast<int>(chunk));
            const int first = static_cast<int>(chunk) * kColumns, count = std::min(kColumns, columns - first);
            const auto all = [](std::int64_t) { return true; };
            const Coefficients coefficients = some.solve(ridge, Coefficients(some.size()), all);
            for (std::int64_t item = 0; item < features.rows(); item++) {
                if (weights[static_cast<std::size_t>(item)] > 0) continue;
                const Columns predicted = some.predict(coefficients, item);
                for (int c = 0; c < count; c++)
                    factors.row(item)[first + c] = static_cast<float>(predicted[c]);
                stop_point();
            }
        };
    });
}

std::size_t extend_by_attributes_memory(const SparseMatrix& features, int columns, int threads) noexcept {
    const auto at_once = static_cast<std::size_t>(std::min(threads, (columns + kColumns - 1) / kColumns));
    return at_once * (static_cast<std::size_t>(features.columns_count) + 1) * 7 * sizeof(Columns);
}

}  // namespace personalize::core
