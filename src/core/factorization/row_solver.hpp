// Solves the objective for single rows with the other side's factors fixed, in training and in fold-in.
#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include "core/factorization/aligned_floats.hpp"
#include "core/factorization/factors.hpp"
#include "core/factorization/gather.hpp"
#include "core/factorization/normal_equations.hpp"
#include "core/factorization/objective.hpp"
#include "core/ratings/sparse_matrix.hpp"

namespace personalize::core {

enum class Side { users, items };

// Where the bias of a row is, and the one that meets the other side's bias (factors.hpp).
constexpr int bias_column(Side side, int rank) { return side == Side::users ? rank + 1 : rank; }
constexpr int one_column(Side side, int rank) { return side == Side::users ? rank : rank + 1; }

// What a half step solves against.
struct FixedFactors {
    FactorsView factors;
    const float* base_gram = nullptr;  // fold_in.hpp; implicit only
};

// A row to solve, and where its factors are: padded(objective.width()) floats.
struct RowTask {
    SparseRow observations;
    float* factors;
};

// Solves rows of one side exactly. Allocates in its constructor only.
class RowSolver {
  public:
    // most_rows: 1, or kLanes to solve that many rows at a time where that is faster.
    RowSolver(const Objective& objective, Side side, int most_rows);

    // What solve() takes at a time.
    int most_rows() const noexcept { return most_rows_; }
    std::int64_t most_observations() const noexcept { return std::numeric_limits<std::int64_t>::max(); }

    // Writes the rows' factors, and returns their part of the objective: everything but the regularization of
    // the fixed side. A row gives the same bits in any company.
    double solve(const FixedFactors& fixed, std::span<const RowTask> tasks);

    static int most_rows(const Objective& objective) noexcept;  // what is fast in training
    static std::size_t memory(const Objective& objective, int most_rows) noexcept;

  private:
    void collect(FactorsView fixed, const SparseRow& row, int slot);
    void gather_implicit(FactorsView fixed, const Chunk& chunk, int slot);
    void gather_explicit(FactorsView fixed, const Chunk& chunk, int slot);
    double write(const RowTask& task, int slot);

    Objective objective_;
    Side side_;
    int most_rows_;
    NormalEquations equations_;
    AlignedFloats chunk_;    // gathered rows of the fixed side, times the root of their confidence
    double target_[kLanes];  // per slot: sum of c p^2, or of r^2
};

}  // namespace personalize::core
