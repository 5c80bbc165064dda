#include "core/factorization/row_solver.hpp"

#include <algorithm>
#include <cmath>

#include "core/factorization/gather.hpp"
#include "core/factorization/gram.hpp"

namespace personalize::core {

namespace {

constexpr int kLargestLaneOrder = 128;  // larger systems are solved one by one

// Columns [first, first + Vectors kLanes) of a chunk's rows: each times its root to `out`, and the sum of
// each times its weight, in registers, added to `rhs`.
template <int Vectors>
PERSONALIZE_INLINE void gather_columns(FactorsView fixed, const Chunk& chunk, int first, int order,
                                       const float* root, const float* weight, float* rhs, float* out) {
    Lanes sum[Vectors];
    PERSONALIZE_UNROLL
    for (int v = 0; v < Vectors; v++) sum[v] = load(rhs + first + v * kLanes);
    for (std::size_t k = 0; k < chunk.count; k++, out += order) {
        prefetch(fixed, chunk.row, chunk.first + k + kPrefetchRows, first, Vectors * kLanes);
        const float* const y = fixed.row(chunk.column(k)) + first;
        const Lanes r = splat(root[k]), w = splat(weight[k]);
        PERSONALIZE_UNROLL
        for (int v = 0; v < Vectors; v++) {
            const Lanes values = load(y + v * kLanes);
            store(out + first + v * kLanes, r * values);
            sum[v] += w * values;
        }
    }
    PERSONALIZE_UNROLL
    for (int v = 0; v < Vectors; v++) store(rhs + first + v * kLanes, sum[v]);
}

void gather_all(FactorsView fixed, const Chunk& chunk, int order, const float* root, const float* weight,
                float* rhs, float* out) {
    int first = 0;
    const auto take = [&]<int Vectors>() {
        for (; first + Vectors * kLanes <= order; first += Vectors * kLanes)
            gather_columns<Vectors>(fixed, chunk, first, order, root, weight, rhs, out);
    };
    take.template operator()<8>();
    take.template operator()<4>();
    take.template operator()<2>();
    take.template operator()<1>();
}

int unknowns(const Objective& objective) { return objective.rank + (objective.has_biases() ? 1 : 0); }

}  // namespace

int RowSolver::most_rows(const Objective& objective) noexcept {
    return unknowns(objective) <= kLargestLaneOrder ? kLanes : 1;
}

std::size_t RowSolver::memory(const Objective& objective, int most_rows) noexcept {
    const int n = unknowns(objective);
    return NormalEquations::memory(n, most_rows) +
           kChunkRows * static_cast<std::size_t>(padded(n)) * sizeof(float);
}

RowSolver::RowSolver(const Objective& objective, Side side, int most_rows)
    : objective_(objective),
      side_(side),
      most_rows_(most_rows),
      equations_(unknowns(objective), most_rows),
      chunk_(aligned_floats(kChunkRows * static_cast<std::size_t>(equations_.order()))) {}

double RowSolver::solve(const FixedFactors& fixed, std::span<const RowTask> tasks) {
    float ridge[kLanes];
    std::fill_n(ridge, kLanes, 1.0f);
    const int count = static_cast<int>(tasks.size());
    for (int s = 0; s < count; s++) {
        const SparseRow& row = tasks[s].observations;
        if (s + 1 < count) prefetch_start(fixed.factors, tasks[s + 1].observations, 0, fixed.factors.stride);
        collect(fixed.factors, row, s);
        if (row.size() > 0)
            ridge[s] = objective_.ridge(static_cast<std::int64_t>(row.size()), fixed.factors.rows);
    }
    equations_.solve({fixed.base_gram, padded(objective_.rank)}, ridge);
    double loss = 0;
    for (int s = 0; s < count; s++) loss += write(tasks[s], s);
    return loss;
}

void RowSolver::collect(FactorsView fixed, const SparseRow& row, int slot) {
    std::fill_n(equations_.rhs(slot), equations_.order(), 0.0f);
    target_[slot] = 0;
    Sum sum = Sum::start;
    for_each_chunk(row, [&](const Chunk& chunk) {
        if (objective_.has_biases())
            gather_explicit(fixed, chunk, slot);
        else
            gather_implicit(fixed, chunk, slot);
        gram_lower(chunk_.get(), static_cast<std::int64_t>(chunk.count), equations_.order(),
                   equations_.gram(slot), sum);
        sum = Sum::add;
    });
}

void RowSolver::gather_implicit(FactorsView fixed, const Chunk& chunk, int slot) {
    alignas(64) float root[kChunkRows], liked[kChunkRows];
    for (std::size_t k = 0; k < chunk.count; k++) {
        root[k] = std::sqrt(std::fabs(chunk.value(k)));
        liked[k] = std::max(chunk.value(k), 0.0f);
    }
    for (std::size_t k = 0; k < chunk.count; k++) target_[slot] += liked[k];
    gather_all(fixed, chunk, equations_.order(), root, liked, equations_.rhs(slot), chunk_.get());
}

void RowSolver::gather_explicit(FactorsView fixed, const Chunk& chunk, int slot) {
    const int order = equations_.order(), rank = objective_.rank;
    const int fixed_bias = bias_column(side_ == Side::users ? Side::items : Side::users, rank);
    float* const rhs = equations_.rhs(slot);
    float* out = chunk_.get();
    for (std::size_t k = 0; k < chunk.count; k++, out += order) {
        prefetch(fixed, chunk.row, chunk.first + k + kPrefetchRows, 0, fixed.stride);
        const float* const y = fixed.row(chunk.column(k));
        const float deviation = chunk.value(k) - y[fixed_bias];
        const Lanes weight = splat(deviation);
        std::copy_n(y, rank, out);
        out[rank] = 1;
        for (int j = 0; j < order; j += kLanes) store(rhs + j, load(rhs + j) + weight * load(out + j));
        target_[slot] += static_cast<double>(deviation) * deviation;
    }
}

double RowSolver::write(const RowTask& task, int slot) {
    const int rank = objective_.rank;
    std::fill_n(task.factors, padded(objective_.width()), 0.0f);
    if (objective_.has_biases()) task.factors[one_column(side_, rank)] = 1;
    if (task.observations.size() == 0) return 0;
    const float* const x = equations_.solution(slot);
    std::copy_n(x, rank, task.factors);
    if (objective_.has_biases()) task.factors[bias_column(side_, rank)] = x[rank];
    double explained = 0;
    for (int k = 0; k < equations_.order(); k++)
        explained += static_cast<double>(equations_.rhs(slot)[k]) * x[k];
    return target_[slot] - explained;
}

}  // namespace personalize::core
