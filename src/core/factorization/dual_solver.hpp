// Solves rows of an implicit model that have few observations for the rank, exactly.
#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include "core/factorization/eigenbasis.hpp"
#include "core/factorization/objective.hpp"
#include "core/factorization/row_solver.hpp"

namespace personalize::core {

// The equations of a row (Hu, Koren, Volinsky 2008, eq. 4) with V = C^1/2 Y of its n observations, in the
// basis where the rest of the matrix is a diagonal D, by the identity of Sherman, Morrison and Woodbury:
//   (D + V^T V)^-1 V^T t = D^-1 V^T w,  (I + V D^-1 V^T) w = t,  t = C^1/2 p
// n unknowns in place of d, and the row's part of the objective is t . w. Allocates in its constructor only.
class DualSolver {
  public:
    // basis: of the fixed side. longest_row: of all rows that will come; beyond the rank nothing is gained,
    // and heavy confidences cost digits.
    DualSolver(const Objective& objective, const Eigenbasis& basis, int longest_row);

    // What solve() takes at a time: best are rows of about the same number of observations.
    int most_rows() const noexcept { return kLanes; }
    std::int64_t most_observations() const noexcept { return std::numeric_limits<std::int64_t>::max(); }

    // As RowSolver::solve(): writes the rows' factors and returns their part of the objective. A row gives
    // the same bits in any company.
    double solve(const FixedFactors& fixed, std::span<const RowTask> tasks);

    static std::size_t memory(const Objective& objective, int longest_row) noexcept;

  private:
    void start_row(const SparseRow& row, std::int64_t possible, int slot);
    void gather(const SparseRow& row, int slot);
    void add_up(int order, int own, int slot);
    void solve_systems(int order);
    double finish_row(const SparseRow& row, int slot);

    float* scale(int slot) noexcept { return scales_.get() + static_cast<std::ptrdiff_t>(slot) * stride_; }
    float* gram(int slot) noexcept { return grams_.get() + static_cast<std::ptrdiff_t>(slot) * gram_size_; }
    float* row(int slot) noexcept { return rows_.get() + static_cast<std::ptrdiff_t>(slot) * stride_; }

    Objective objective_;
    const Eigenbasis& basis_;
    int stride_;  // padded(rank)
    std::ptrdiff_t gram_size_;
    AlignedFloats scales_;           // per slot: the diagonal of D^-1/2
    AlignedFloats scaled_;           // V D^-1/2 of one row
    AlignedFloats grams_, packed_;   // V D^-1 V^T as lane_cholesky.hpp packs it, per slot and a lane for each
    AlignedFloats targets_, duals_;  // t and w, a lane for each slot
    AlignedFloats rows_, solved_;    // solutions in the basis, and out of it
    float ridge_[kLanes];            // per slot
};

}  // namespace personalize::core
