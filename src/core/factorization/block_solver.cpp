#include "core/factorization/block_solver.hpp"

#include <algorithm>
#include <cmath>

#include "core/factorization/gather.hpp"
#include "core/factorization/gram.hpp"
#include "core/factorization/multiply_rows.hpp"
#include "core/runtime/vectors.hpp"

namespace personalize::core {

namespace {

constexpr std::int64_t kLeastObservations = 1 << 16;

std::int64_t observations_that_fit(std::int64_t longest_row) {
    return std::max(longest_row, kLeastObservations);
}

// Calls add(k, x . the columns [first, first + width) of observation k's row) for all of them.
template <class Add>
PERSONALIZE_INLINE void for_each_product(FactorsView fixed, const SparseRow& row, const float* x, int first,
                                         int width, Add&& add) {
    for_each_chunk(row, [&](const Chunk& chunk) {
        for (std::size_t from = 0; from < chunk.count; from += kLanes) {
            const std::size_t count = std::min<std::size_t>(kLanes, chunk.count - from);
            const float* rows[kLanes];
            for (std::size_t l = 0; l < kLanes; l++) {
                prefetch(fixed, row, chunk.first + from + l + kPrefetchRows, first, width);
                rows[l] = fixed.row(chunk.column(from + std::min(l, count - 1))) + first;
            }
            const Lanes products = dot_rows(rows, x, width);
            for (std::size_t l = 0; l < count; l++) add(chunk.first + from + l, products[l]);
        }
    });
}

}  // namespace

std::size_t BlockSolver::memory(const Objective& objective, int block, std::int64_t longest_row) noexcept {
    const auto stride = static_cast<std::size_t>(padded(objective.rank)),
               width = static_cast<std::size_t>(block);
    return NormalEquations::memory(block, kLanes) +
           sizeof(float) * (kChunkRows * width + kLanes * (stride + 2 * width) +
                            static_cast<std::size_t>(observations_that_fit(longest_row)));
}

BlockSolver::BlockSolver(const Objective& objective, int block, std::int64_t longest_row)
    : objective_(objective),
      stride_(padded(objective.rank)),
      block_(block),
      most_observations_(observations_that_fit(longest_row)),
      equations_(block, kLanes),
      chunk_(aligned_floats(kChunkRows * static_cast<std::size_t>(block))),
      rows_(aligned_floats(static_cast<std::size_t>(kLanes * stride_))),
      before_(aligned_floats(static_cast<std::size_t>(kLanes * block))),
      after_(aligned_floats(static_cast<std::size_t>(kLanes * block))),
      predictions_(aligned_floats(static_cast<std::size_t>(most_observations_))) {}

double BlockSolver::solve(const FixedFactors& fixed, std::span<const RowTask> tasks) {
    const int count = static_cast<int>(tasks.size());
    std::fill_n(ridge_, kLanes, 1.0f);
    std::fill_n(quadratic_, kLanes, 0.0);
    std::fill_n(rows_.get(), kLanes * stride_, 0.0f);
    std::int64_t start = 0;
    for (int s = 0; s < count; s++) {
        start_[s] = start;
        start += std::ssize(tasks[s].observations.columns);
        start_row(fixed, tasks[s], s);
    }
    for (int first = 0; first < objective_.rank; first += block_) {
        const Columns block{first, std::min(block_, objective_.rank - first)};
        equations_.set_unknowns(block.count);
        multiply_base(fixed.base_gram, block);
        for (int s = 0; s < count; s++) collect(fixed.factors, tasks[s].observations, block, s);
        equations_.solve({fixed.base_gram + first * stride_ + first, stride_}, ridge_);
        for (int s = 0; s < count; s++) step_row(fixed.factors, tasks[s].observations, block, s);
        add_quadratic(fixed.base_gram, block);
    }
    double loss = 0;
    for (int s = 0; s < count; s++) {
        std::copy_n(row(s), stride_, tasks[s].factors);
        loss += observed_loss(tasks[s].observations, s) + quadratic_[s];
    }
    return loss;
}

void BlockSolver::start_row(const FixedFactors& fixed, const RowTask& task, int slot) {
    const SparseRow& observations = task.observations;
    if (observations.size() == 0) return;  // zeros
    ridge_[slot] = objective_.ridge(std::ssize(observations.columns), fixed.factors.rows);
    std::copy_n(task.factors, stride_, row(slot));
    float* const predictions = predictions_.get() + start_[slot];
    for_each_product(fixed.factors, observations, row(slot), 0, stride_,
                     [=](std::size_t k, float product) { predictions[k] = product; });
}

// Two products, because those with solved blocks are final: they count for the objective.
void BlockSolver::multiply_base(const float* base, Columns block) {
    const int rest = objective_.rank - block.first, width = equations_.order();
    multiply_rows(rows_.get(), base + block.first, block.first, stride_, width, before_.get());
    multiply_rows(rows_.get() + block.first, base + block.first * stride_ + block.first, rest, stride_, width,
                  after_.get());
}

// The negative half gradient on the right: sum c (p - x.y) y - (base + ridge) x.
void BlockSolver::collect(FactorsView fixed, const SparseRow& row, Columns block, int slot) {
    const int order = equations_.order();
    float* const rhs = equations_.rhs(slot);
    const float *const before = before_.get() + slot * order, *const after = after_.get() + slot * order;
    const float* const x = this->row(slot) + block.first;
    for (int j = 0; j < order; j++) rhs[j] = -(before[j] + after[j]) - ridge_[slot] * x[j];
    const float* prediction = predictions_.get() + start_[slot];
    Sum sum = Sum::start;
    for_each_chunk(row, [&](const Chunk& chunk) {
        float* out = chunk_.get();
        for (std::size_t k = 0; k < chunk.count; k++, out += order) {
            prefetch(fixed, row, chunk.first + k + kPrefetchRows, block.first, order);
            const float* const y = fixed.row(chunk.column(k)) + block.first;
            const float confidence = std::fabs(chunk.value(k));
            const float liked = chunk.value(k) > 0 ? 1.0f : 0.0f;
            const Lanes root = splat(std::sqrt(confidence)),
                        pull = splat(confidence * (liked - *prediction++));
            for (int j = 0; j < order; j += kLanes) {
                const Lanes v = load(y + j);
                store(out + j, root * v);
                store(rhs + j, load(rhs + j) + pull * v);
            }
        }
        gram_lower(chunk_.get(), static_cast<std::int64_t>(chunk.count), order, equations_.gram(slot), sum);
        sum = Sum::add;
    });
}

void BlockSolver::step_row(FactorsView fixed, const SparseRow& observations, Columns block, int slot) {
    if (observations.size() == 0) return;
    const int order = equations_.order();
    const float* const step = equations_.solution(slot);
    float* const x = row(slot) + block.first;
    for (int j = 0; j < block.count; j++) x[j] += step[j];
    float* const predictions = predictions_.get() + start_[slot];
    for_each_product(fixed, observations, step, block.first, order,
                     [=](std::size_t k, float product) { predictions[k] += product; });
}

// Adds x_b' (2 base_b,before x_before + base_bb x_b + ridge x_b), b the block just solved: over all blocks
// that is the whole quadratic form.
void BlockSolver::add_quadratic(const float* base, Columns block) {
    const int order = equations_.order();
    const float* const diagonal = base + block.first * stride_ + block.first;
    multiply_rows(rows_.get() + block.first, diagonal, block.count, stride_, order, after_.get());
    for (int s = 0; s < kLanes; s++) {
        const float* const x = row(s) + block.first;
        const float *const before = before_.get() + s * order, *const within = after_.get() + s * order;
        for (int j = 0; j < block.count; j++)
            quadratic_[s] += x[j] * (2.0 * before[j] + within[j] + static_cast<double>(ridge_[s]) * x[j]);
    }
}

double BlockSolver::observed_loss(const SparseRow& row, int slot) const {
    const float* const predictions = predictions_.get() + start_[slot];
    double sum = 0;
    for (std::size_t k = 0; k < row.size(); k++) {
        const double error = predictions[k] - (row.values[k] > 0 ? 1.0 : 0.0);
        sum += std::fabs(row.values[k]) * error * error;
    }
    return sum;
}

}  // namespace personalize::core
