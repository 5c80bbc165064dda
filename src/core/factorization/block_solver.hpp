// Solves rows of an implicit model block by block (iALS++).
#pragma once

#include <cstdint>
#include <span>

#include "core/factorization/factors.hpp"
#include "core/factorization/normal_equations.hpp"
#include "core/factorization/objective.hpp"
#include "core/factorization/row_solver.hpp"

namespace personalize::core {

// Rendle, Krichene, Zhang, Koren 2021, "iALS++: Speeding up Matrix Factorization with Subspace Optimization",
// algorithm 3: for each block of columns a Newton step of the row's objective, with the row's predictions
// kept up to date. One sweep over all blocks per solve(). Allocates in its constructor only.
class BlockSolver {
  public:
    // block: a multiple of kRowAlignment. longest_row: of all rows that will come.
    BlockSolver(const Objective& objective, int block, std::int64_t longest_row);

    // What solve() takes at a time; a row of longest_row observations always.
    int most_rows() const noexcept { return kLanes; }
    std::int64_t most_observations() const noexcept { return most_observations_; }

    // Improves the rows' factors, and returns their part of the objective: everything but the regularization
    // of the fixed side.
    double solve(const FixedFactors& fixed, std::span<const RowTask> tasks);

    static std::size_t memory(const Objective& objective, int block, std::int64_t longest_row) noexcept;

  private:
    struct Columns {  // of a block
        int first, count;
    };

    void start_row(const FixedFactors& fixed, const RowTask& task, int slot);
    void multiply_base(const float* base, Columns block);
    void collect(FactorsView fixed, const SparseRow& row, Columns block, int slot);
    void step_row(FactorsView fixed, const SparseRow& observations, Columns block, int slot);
    void add_quadratic(const float* base, Columns block);
    double observed_loss(const SparseRow& row, int slot) const;

    float* row(int slot) noexcept { return rows_.get() + static_cast<std::ptrdiff_t>(slot) * stride_; }

    Objective objective_;
    int stride_;  // padded(rank)
    int block_;
    std::int64_t most_observations_;
    NormalEquations equations_;
    AlignedFloats chunk_;           // gathered columns of the fixed side, times the root of their confidence
    AlignedFloats rows_;            // kLanes rows of factors, contiguous
    AlignedFloats before_, after_;  // kLanes x block: base times the columns before the block, and the others
    AlignedFloats predictions_;     // row by row, an entry per observation
    std::int64_t start_[kLanes];    // of a row's predictions
    float ridge_[kLanes];
    double quadratic_[kLanes];  // x' (base + ridge) x, as far as blocks have been solved
};

}  // namespace personalize::core
