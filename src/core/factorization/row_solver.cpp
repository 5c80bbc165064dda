#include "core/factorization/row_solver.hpp"

#include <algorithm>
#include <cmath>
#include <new>

#include "core/factorization/gram.hpp"
#include "core/runtime/parallel.hpp"

namespace personalize::core {

namespace {

constexpr std::size_t kChunkRows = 64;  // gathered at a time: 16 KB at 64 factors
constexpr int kLargestLaneOrder = 128;  // larger systems are solved one by one
constexpr std::size_t kPrefetchRows = 16;

void prefetch(FactorsView factors, std::int32_t row) {
    const float* p = factors.row(row);
    for (int k = 0; k < factors.stride; k += kRowAlignment) __builtin_prefetch(p + k);
}

}  // namespace

void FreeFloats::operator()(float* p) const noexcept { ::operator delete[](p, std::align_val_t{64}); }

AlignedFloats aligned_floats(std::size_t count) {
    AlignedFloats floats(static_cast<float*>(::operator new[](count * sizeof(float), std::align_val_t{64})));
    std::fill_n(floats.get(), count, 0.0f);
    return floats;
}

int RowSolver::most_rows(const Objective& objective) noexcept {
    return padded(objective.rank + objective.has_biases()) <= kLargestLaneOrder ? kLanes : 1;
}

std::size_t RowSolver::memory(const Objective& objective, int most_rows) noexcept {
    const auto order = static_cast<std::size_t>(padded(objective.rank + objective.has_biases()));
    const auto rows = static_cast<std::size_t>(most_rows);
    return sizeof(float) *
           (kChunkRows * order + rows * order * (order + 3) + rows * packed_size(static_cast<int>(order)));
}

RowSolver::RowSolver(const Objective& objective, Side side, int most_rows)
    : objective_(objective),
      side_(side),
      most_rows_(most_rows),
      unknowns_(objective.rank + objective.has_biases()),
      order_(padded(unknowns_)) {
    const auto order = static_cast<std::size_t>(order_);
    const auto rows = static_cast<std::size_t>(most_rows);
    chunk_ = aligned_floats(kChunkRows * order);
    gram_ = aligned_floats(rows * order * order);
    rhs_ = aligned_floats(rows * order);
    solution_ = aligned_floats(rows * order);
    packed_ = aligned_floats(rows * packed_size(order_));
    lanes_ = aligned_floats(rows * order);
}

double RowSolver::solve(const FixedFactors& fixed, std::span<const RowTask> tasks) {
    float ridge[kLanes];
    std::fill_n(ridge, kLanes, 1.0f);
    const int count = static_cast<int>(tasks.size());
    for (int k = 0; k < count; k++) {
        const SparseRow& row = tasks[k].observations;
        if (row.size() > 0)
            ridge[k] = objective_.ridge(static_cast<std::int64_t>(row.size()), fixed.factors.rows);
        collect(fixed, row, k);
    }
    if (most_rows_ == 1)
        solve_one(fixed, ridge[0]);
    else
        solve_lanes(fixed, ridge);
    double loss = 0;
    for (int k = 0; k < count; k++) loss += write(tasks[k], k);
    return loss;
}

void RowSolver::collect(const FixedFactors& fixed, const SparseRow& row, int slot) {
    float* const b = rhs(slot);
    std::fill_n(b, order_, 0.0f);
    double target = 0;
    Sum sum = Sum::start;
    std::size_t from = 0;
    do {
        const std::size_t count = std::min(kChunkRows, row.size() - from);
        if (objective_.has_biases())
            gather_explicit(fixed.factors, row, from, count, b, target);
        else
            gather_implicit(fixed.factors, row, from, count, b, target);
        gram_lower(chunk_.get(), static_cast<std::int64_t>(count), order_, order_, gram(slot), sum);
        sum = Sum::add;
        from += count;
        if (from < row.size()) stop_point();
    } while (from < row.size());
    target_[slot] = target;
}

void RowSolver::gather_implicit(FactorsView fixed, const SparseRow& row, std::size_t from, std::size_t count,
                                float* rhs, double& target) {
    for (std::size_t r = 0; r < count; r++) {
        const std::size_t k = from + r;
        if (k + kPrefetchRows < row.size()) prefetch(fixed, row.columns[k + kPrefetchRows]);
        const float* const y = fixed.row(row.columns[k]);
        const float confidence = std::fabs(row.values[k]);
        const float liked = std::max(row.values[k], 0.0f);
        const Lanes root = splat(std::sqrt(confidence)), weight = splat(liked);
        float* const out = chunk_.get() + r * static_cast<std::size_t>(order_);
        for (int j = 0; j < order_; j += kLanes) {
            const Lanes v = load(y + j);
            store(out + j, root * v);
            store(rhs + j, load(rhs + j) + weight * v);
        }
        target += liked;
    }
}

void RowSolver::gather_explicit(FactorsView fixed, const SparseRow& row, std::size_t from, std::size_t count,
                                float* rhs, double& target) {
    const Side other = side_ == Side::users ? Side::items : Side::users;
    const int fixed_bias = bias_column(other, objective_.rank);
    for (std::size_t r = 0; r < count; r++) {
        const std::size_t k = from + r;
        if (k + kPrefetchRows < row.size()) prefetch(fixed, row.columns[k + kPrefetchRows]);
        const float* const y = fixed.row(row.columns[k]);
        const float deviation = row.values[k] - y[fixed_bias];
        float* const out = chunk_.get() + r * static_cast<std::size_t>(order_);
        std::copy_n(y, objective_.rank, out);
        out[objective_.rank] = 1;
        const Lanes weight = splat(deviation);
        for (int j = 0; j < order_; j += kLanes) store(rhs + j, load(rhs + j) + weight * load(out + j));
        target += static_cast<double>(deviation) * deviation;
    }
}

void RowSolver::solve_one(const FixedFactors& fixed, float ridge) {
    const int n = cholesky_order(unknowns_);
    float* const a = packed_.get();
    const float* const g = gram(0);
    const float* const base = fixed.base_gram;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++) {
            const float shared = base != nullptr && i < unknowns_ ? base[i * order_ + j] : 0.0f;
            const float value = g[i * order_ + j] + shared;
            a[packed_index(i, j)] = i == j ? value + ridge : value;
        }
    }
    std::copy_n(rhs(0), order_, solution_.get());
    factorize(a, n);
    substitute(a, n, solution_.get());
}

void RowSolver::solve_lanes(const FixedFactors& fixed, const float (&ridge)[kLanes]) {
    const int n = cholesky_order(unknowns_);
    auto* const a = reinterpret_cast<Lanes*>(packed_.get());
    auto* const b = reinterpret_cast<Lanes*>(lanes_.get());
    const float* const base = fixed.base_gram;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j += kLanes) {
            const Lanes shared = base != nullptr && i < unknowns_ ? load(base + i * order_ + j) : Lanes{};
            Lanes v[kLanes];
            PERSONALIZE_UNROLL
            for (int s = 0; s < kLanes; s++) v[s] = load(gram(s) + i * order_ + j) + shared;
            transpose(v);
            for (int l = 0; l < kLanes && j + l <= i; l++) a[packed_index(i, j + l)] = v[l];
        }
        a[packed_index(i, i)] += load(ridge);
    }
    for (int j = 0; j < order_; j += kLanes) {
        Lanes v[kLanes];
        for (int s = 0; s < kLanes; s++) v[s] = load(rhs(s) + j);
        transpose(v);
        for (int l = 0; l < kLanes; l++) b[j + l] = v[l];
    }
    factorize(a, n);
    substitute(a, n, b);
    for (int j = 0; j < order_; j += kLanes) {
        Lanes v[kLanes];
        for (int l = 0; l < kLanes; l++) v[l] = b[j + l];
        transpose(v);
        for (int s = 0; s < kLanes; s++) store(solution_.get() + s * order_ + j, v[s]);
    }
}

double RowSolver::write(const RowTask& task, int slot) const {
    std::fill_n(task.out, padded(objective_.width()), 0.0f);
    const float* const z = solution_.get() + slot * order_;
    if (task.observations.size() > 0) {
        std::copy_n(z, objective_.rank, task.out);
        if (objective_.has_biases()) task.out[bias_column(side_, objective_.rank)] = z[objective_.rank];
    }
    if (objective_.has_biases()) task.out[one_column(side_, objective_.rank)] = 1;
    if (task.observations.size() == 0) return 0;
    double explained = 0;
    for (int k = 0; k < unknowns_; k++) explained += static_cast<double>(rhs(slot)[k]) * z[k];
    return target_[slot] - explained;
}

}  // namespace personalize::core
