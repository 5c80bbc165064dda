// GCC 12 takes its own AVX-512 intrinsics, as Eigen uses them, for uninitialized reads.
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"

#include "core/factorization/explain.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/runtime/eigen.hpp"
#include "core/runtime/error.hpp"

namespace personalize::core {

namespace {

constexpr std::size_t kRowsAtATime = 64;

// The rows that a user's factor is fitted to: of items their factors, with biases a 1 behind.
class Rows {
  public:
    Rows(const Objective& objective, FactorsView factors) : objective_(objective), factors_(factors) {}

    int width() const noexcept { return objective_.rank + (objective_.has_biases() ? 1 : 0); }
    Eigen::VectorXd of(std::int32_t item) const {
        Eigen::VectorXd row = Eigen::VectorXd::Ones(width());
        for (int c = 0; c < objective_.rank; c++) row[c] = factors_.row(item)[c];
        return row;
    }
    double bias(std::int32_t item) const noexcept {
        return objective_.has_biases() ? factors_.row(item)[objective_.rank] : 0;
    }

  private:
    const Objective& objective_;
    const FactorsView factors_;
};

Eigen::MatrixXd base_matrix(const Objective& objective, int width, const float* base) {
    Eigen::MatrixXd a = Eigen::MatrixXd::Zero(width, width);
    if (objective.has_biases()) return a;
    for (int r = 0; r < width; r++)
        for (int c = 0; c < width; c++) a(r, c) = base[r * padded(width) + c];
    return a;
}

// Adds |value| y y' (explicit: y y') of each observation.
void add_observations(const Objective& objective, const Rows& rows, std::span<const std::int32_t> items,
                      std::span<const float> values, Eigen::MatrixXd& a, Host& host) {
    for (std::size_t from = 0; from < items.size(); from += kRowsAtATime) {
        const std::size_t count = std::min(kRowsAtATime, items.size() - from);
        Eigen::MatrixXd part(a.rows(), count);
        for (std::size_t k = 0; k < count; k++) {
            const double weight = objective.has_biases() ? 1 : std::fabs(values[from + k]);
            part.col(static_cast<Eigen::Index>(k)) = std::sqrt(weight) * rows.of(items[from + k]);
        }
        a.selfadjointView<Eigen::Lower>().rankUpdate(part);
        host.poll();
    }
}

}  // namespace

void share_rounding(double score, Explanation& explanation) noexcept {
    constexpr double kMost = 1e-3;
    double sum = explanation.baseline, size = std::fabs(explanation.baseline);
    for (const double contribution : explanation.contributions) {
        sum += contribution;
        size += std::fabs(contribution);
    }
    const double rounding = (score - sum) / size;
    if (!(std::fabs(rounding) <= kMost)) return;
    explanation.baseline += rounding * std::fabs(explanation.baseline);
    for (double& contribution : explanation.contributions) contribution += rounding * std::fabs(contribution);
}

MostTelling most_telling(const Explanation& explanation, int n) {
    const auto& contributions = explanation.contributions;
    std::vector<std::size_t> order(contributions.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return contributions[a] > contributions[b]; });
    std::erase_if(order, [&](std::size_t k) { return contributions[k] == 0; });
    const std::size_t told = std::min(order.size(), static_cast<std::size_t>(n));
    MostTelling result{{}, told < order.size(), 0};
    for (std::size_t k = told; k < order.size(); k++) result.others += contributions[order[k]];
    order.resize(told);
    result.observations = std::move(order);
    return result;
}

Explanation explain_fold_in(const Objective& objective, FactorsView factors, const float* base,
                            std::span<const std::int32_t> items, std::span<const float> values,
                            std::int32_t item, Host& host) {
    const Rows rows(objective, factors);
    Eigen::MatrixXd a = base_matrix(objective, rows.width(), base);
    a.diagonal().array() += objective.ridge(std::ssize(items), factors.rows);
    add_observations(objective, rows, items, values, a, host);
    const Eigen::LLT<Eigen::MatrixXd> cholesky(a);
    if (cholesky.info() != Eigen::Success)
        throw InvalidInput("the ratings of this user cannot be told apart",
                           "Train the model with more regularization.");
    const Eigen::VectorXd direction = cholesky.solve(rows.of(item));
    Explanation result{rows.bias(item), {}};
    for (std::size_t k = 0; k < items.size(); k++) {
        const double said =
            objective.has_biases() ? values[k] - rows.bias(items[k]) : std::max(values[k], 0.f);
        result.contributions.push_back(said * direction.dot(rows.of(items[k])));
    }
    return result;
}

}  // namespace personalize::core
