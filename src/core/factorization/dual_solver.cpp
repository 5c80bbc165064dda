#include "core/factorization/dual_solver.hpp"

#include <algorithm>
#include <cmath>

#include "core/factorization/gather.hpp"
#include "core/factorization/lane_cholesky.hpp"
#include "core/runtime/vectors.hpp"

namespace personalize::core {

namespace {

constexpr int kTileRows = kCholeskyBlock, kTileColumns = kLanes / kTileRows;

// The products of rows [row, row + kTileRows) with [column, column + kTileColumns) of x, by columns.
PERSONALIZE_INLINE Lanes product_tile(const float* x, int width, int row, int column) {
    Lanes sums[kLanes] = {};
    const float *const left = x + row * width, *const right = x + column * width;
    for (int k = 0; k < width; k += kLanes) {
        Lanes l[kTileRows];
        PERSONALIZE_UNROLL
        for (int r = 0; r < kTileRows; r++) l[r] = load(left + r * width + k);
        PERSONALIZE_UNROLL
        for (int c = 0; c < kTileColumns; c++) {
            const Lanes y = load(right + c * width + k);
            PERSONALIZE_UNROLL
            for (int r = 0; r < kTileRows; r++) sums[c * kTileRows + r] += l[r] * y;
        }
    }
    return horizontal_sums(sums);
}

// 1 / root of the diagonal; 0 where it is no more than the rounding of the Gram matrix.
void inverse_roots(const float* values, float largest, float ridge, int width, float* scale) {
    constexpr float kSmallest = 1e-7f;
    for (int k = 0; k < width; k += kLanes) {
        const Lanes diagonal = load(values + k) + splat(ridge);
        store(scale + k, if_above(diagonal, splat(kSmallest * largest), 1 / square_root(diagonal)));
    }
}

float root_of(float value) { return std::sqrt(std::fabs(value)); }

std::size_t floats_of_grams(int longest_row) { return kLanes * packed_size(cholesky_order(longest_row)); }

}  // namespace

std::size_t DualSolver::memory(const Objective& objective, int longest_row) noexcept {
    const auto stride = static_cast<std::size_t>(padded(objective.rank)),
               order = static_cast<std::size_t>(cholesky_order(longest_row));
    return sizeof(float) *
           (order * stride + 2 * floats_of_grams(longest_row) + kLanes * (2 * order + 3 * stride));
}

DualSolver::DualSolver(const Objective& objective, const Eigenbasis& basis, int longest_row)
    : objective_(objective),
      basis_(basis),
      stride_(padded(objective.rank)),
      gram_size_(static_cast<std::ptrdiff_t>(packed_size(cholesky_order(longest_row)))),
      grams_(aligned_floats(floats_of_grams(longest_row))),
      packed_(aligned_floats(floats_of_grams(longest_row))) {
    const auto stride = static_cast<std::size_t>(stride_),
               order = static_cast<std::size_t>(cholesky_order(longest_row));
    scaled_ = aligned_floats(order * stride);
    for (AlignedFloats* lanes : {&targets_, &duals_}) *lanes = aligned_floats(kLanes * order);
    for (AlignedFloats* rows : {&scales_, &rows_, &solved_}) *rows = aligned_floats(kLanes * stride);
}

double DualSolver::solve(const FixedFactors& fixed, std::span<const RowTask> tasks) {
    const int count = static_cast<int>(tasks.size());
    std::size_t longest = 0;
    for (const RowTask& task : tasks) longest = std::max(longest, task.observations.size());
    const int order = cholesky_order(static_cast<int>(longest));
    std::fill_n(targets_.get(), order * kLanes, 0.0f);
    for (int s = 0; s < kLanes; s++) {
        const SparseRow observations = s < count ? tasks[s].observations : SparseRow{};
        if (s + 1 < count) prefetch_start(basis_.rotated(), tasks[s + 1].observations, 0, stride_);
        start_row(observations, fixed.factors.rows, s);
        gather(observations, s);
        add_up(order, cholesky_order(static_cast<int>(observations.size())), s);
    }
    solve_systems(order);
    double loss = 0;
    for (int s = 0; s < count; s++) loss += finish_row(tasks[s].observations, s);
    basis_.rotate_back(rows_.get(), solved_.get());
    for (int s = 0; s < count; s++) std::copy_n(solved_.get() + s * stride_, stride_, tasks[s].factors);
    return loss;
}

// Rows come by their number of observations: most have the diagonal of the one before.
void DualSolver::start_row(const SparseRow& row, std::int64_t possible, int slot) {
    ridge_[slot] = objective_.ridge(std::ssize(row.columns), possible);
    if (slot > 0 && ridge_[slot] == ridge_[slot - 1])
        std::copy_n(scale(slot - 1), stride_, scale(slot));
    else
        inverse_roots(basis_.values(), basis_.largest_value(), ridge_[slot], stride_, scale(slot));
    for (std::size_t k = 0; k < row.size(); k++)
        targets_[k * kLanes + static_cast<std::size_t>(slot)] =
            row.values[k] > 0 ? root_of(row.values[k]) : 0;
}

void DualSolver::gather(const SparseRow& row, int slot) {
    const FactorsView rotated = basis_.rotated();
    const float* const scale = this->scale(slot);
    float* out = scaled_.get();
    for (std::size_t k = 0; k < row.size(); k++, out += stride_) {
        prefetch(rotated, row, k + kPrefetchRows, 0, stride_);
        const float* const y = rotated.row(row.columns[k]);
        const Lanes root = splat(root_of(row.values[k]));
        for (int j = 0; j < stride_; j += kLanes) store(out + j, root * load(scale + j) * load(y + j));
    }
    const int rest = cholesky_order(static_cast<int>(row.size())) - static_cast<int>(row.size());
    std::fill_n(out, rest * stride_, 0.0f);
}

// `order` of all systems, `own` of this one.
void DualSolver::add_up(int order, int own, int slot) {
    float* out = gram(slot);
    for (int i = 0; i < own; i += kTileRows)
        for (int j = 0; j < i + kTileRows; j += kTileColumns, out += kLanes)
            store(out, product_tile(scaled_.get(), stride_, i, j));
    std::fill(out, gram(slot) + packed_size(order), 0.0f);
}

void DualSolver::solve_systems(int order) {
    auto* const a = reinterpret_cast<Lanes*>(packed_.get());
    auto* const w = reinterpret_cast<Lanes*>(duals_.get());
    for (std::size_t k = 0; k < packed_size(order); k += kLanes) {
        Lanes v[kLanes];
        for (int s = 0; s < kLanes; s++) v[s] = load(gram(s) + k);
        transpose(v);
        for (int l = 0; l < kLanes; l++) a[k + static_cast<std::size_t>(l)] = v[l];
    }
    for (int i = 0; i < order; i++) a[packed_index(i, i)] += splat(1);
    std::copy_n(targets_.get(), order * kLanes, duals_.get());
    factorize(a, order);
    substitute(a, order, w);
}

// x = D^-1 V^T w.
double DualSolver::finish_row(const SparseRow& row, int slot) {
    const FactorsView rotated = basis_.rotated();
    float* const x = this->row(slot);
    std::fill_n(x, stride_, 0.0f);
    double loss = 0;
    for (std::size_t k = 0; k < row.size(); k++) {
        const std::size_t place = k * kLanes + static_cast<std::size_t>(slot);
        loss += static_cast<double>(targets_[place]) * duals_[place];
        const float* const y = rotated.row(row.columns[k]);
        const Lanes weight = splat(root_of(row.values[k]) * duals_[place]);
        for (int j = 0; j < stride_; j += kLanes) store(x + j, load(x + j) + weight * load(y + j));
    }
    const float* const scale = this->scale(slot);
    for (int j = 0; j < stride_; j += kLanes) store(x + j, load(x + j) * load(scale + j) * load(scale + j));
    return loss;
}

}  // namespace personalize::core
