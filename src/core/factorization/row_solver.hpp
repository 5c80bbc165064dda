// Solves the objective for single rows with the other side's factors fixed: the one code path of training and
// of fold-in.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/factorization/cholesky.hpp"
#include "core/factorization/factors.hpp"
#include "core/factorization/objective.hpp"
#include "core/ratings/sparse_matrix.hpp"

namespace personalize::core {

enum class Side { users, items };

// Where the bias of a row is, and the one that meets the other side's bias (factors.hpp).
constexpr int bias_column(Side side, int rank) { return side == Side::users ? rank + 1 : rank; }
constexpr int one_column(Side side, int rank) { return side == Side::users ? rank : rank + 1; }

struct FreeFloats {
    void operator()(float* p) const noexcept;
};
using AlignedFloats = std::unique_ptr<float[], FreeFloats>;
AlignedFloats aligned_floats(std::size_t count);  // 64-byte aligned zeros

// What a half step solves against.
struct FixedFactors {
    FactorsView factors;
    const float* base_gram = nullptr;  // fold_in.hpp; implicit only
};

// A row to solve: where its factors go, padded(objective.width()) floats.
struct RowTask {
    SparseRow observations;
    float* out;
};

// Solves rows of one side exactly. Allocates in its constructor only.
class RowSolver {
  public:
    // most_rows: 1, or kLanes to solve that many rows at a time where that is faster.
    RowSolver(const Objective& objective, Side side, int most_rows);

    // Rows solve() takes at most.
    int most_rows() const noexcept { return most_rows_; }

    // Writes the rows' factors, and returns their part of the objective: everything but the regularization of
    // the fixed side. A row gives the same bits in any company.
    double solve(const FixedFactors& fixed, std::span<const RowTask> tasks);

    static int most_rows(const Objective& objective) noexcept;  // what is fast in training
    static std::size_t memory(const Objective& objective, int most_rows) noexcept;

  private:
    void collect(const FixedFactors& fixed, const SparseRow& row, int slot);
    void gather_implicit(FactorsView fixed, const SparseRow& row, std::size_t from, std::size_t count,
                         float* rhs, double& target);
    void gather_explicit(FactorsView fixed, const SparseRow& row, std::size_t from, std::size_t count,
                         float* rhs, double& target);
    void solve_one(const FixedFactors& fixed, float ridge);
    void solve_lanes(const FixedFactors& fixed, const float (&ridge)[kLanes]);
    double write(const RowTask& task, int slot) const;

    float* gram(int slot) const noexcept { return gram_.get() + std::size_t(slot) * order_ * order_; }
    float* rhs(int slot) const noexcept { return rhs_.get() + slot * order_; }

    Objective objective_;
    Side side_;
    int most_rows_;
    int unknowns_;            // of a row: rank, and a bias
    int order_;               // padded(unknowns_)
    AlignedFloats chunk_;     // gathered rows of the fixed side, times the root of their confidence
    AlignedFloats gram_;      // per slot order_ x order_, lower triangle
    AlignedFloats rhs_;       // per slot order_
    AlignedFloats solution_;  // per slot order_
    AlignedFloats packed_;    // the systems, as cholesky.hpp wants them
    AlignedFloats lanes_;     // their right-hand sides
    double target_[kLanes];   // per slot: sum of c p^2, or of r^2
};

}  // namespace personalize::core
