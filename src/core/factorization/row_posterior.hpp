// Posteriors of rows of factors whose prior is Gaussian, with the other side's factors fixed: in the sweeps
// of Gibbs sampling a lane is a row, in fold-in it is a sample of the same row.
#pragma once

#include <algorithm>
#include <cstddef>

#include "core/factorization/aligned_floats.hpp"
#include "core/factorization/factors.hpp"
#include "core/factorization/normal_equations.hpp"
#include "core/factorization/normal_wishart.hpp"
#include "core/ratings/sparse_matrix.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core {

// What a row is N(mean, precision^-1) of before its ratings are seen, as RowPosterior starts from it.
class RowPrior {
  public:
    explicit RowPrior(const Gaussian& gaussian);
    static std::size_t memory(int rank) noexcept;

  private:
    friend class RowPosterior;
    AlignedFloats gram_;   // precision but for the ridge, as gram_lower() keeps it
    AlignedFloats shift_;  // precision times mean
    float ridge_;          // half of the least number on the diagonal: positive, and nothing is lost by it
};

// What the ratings of a row were given to, and how: rating k is N(x . (y + mean), 1 / root^2) for the y in
// columns [first, first + rank) of row columns[k] of `factors`. `roots` is null or holds a factor of `root`
// for each of its rows; `mean` is null for 0. `unit`: values are divided by it.
struct RatedFactors {
    FactorsView factors;
    int first = 0;
    float root = 1;
    const float* roots = nullptr;
    const float* mean = nullptr;
    float unit = 1;
    int next = -1;  // where the columns begin that will be read next: they are asked for; -1: none
};

// sum root^2 y y^T, as gram_lower() keeps it, and sum root^2 y value.
struct RatingSums {
    explicit RatingSums(int rank);
    AlignedFloats gram, rhs;
    static std::size_t memory(int rank) noexcept;
};

// kLanes posteriors, N(x, A^-1) with A = precision + sum root^2 y y^T and A x = precision mean + sum root^2 y
// value (Salakhutdinov and Mnih 2008, eq. 12 and 13). Allocates in its constructor only; a posterior gives
// the same bits in any company.
class RowPosterior {
  public:
    explicit RowPosterior(int rank);

    // First one of the three. Sums are those of add() over ratings without a prior; they count `weight`
    // times.
    void start(int lane, const RowPrior& prior);
    void start(int lane, const RowPrior& prior, const RatingSums& sums, float weight);
    void start_sums(int lane);
    void add(int lane, const SparseRow& ratings, const RatedFactors& rated);
    void take_sums(int lane, RatingSums& sums) const;

    // Afterwards factors(lane) is the mean x, or a draw for the numbers of `random`; padded(rank) floats.
    void solve() { equations_.solve({}, ridge_); }
    void set_noise(int lane, Random random);
    void draw() { equations_.draw({}, ridge_); }
    const float* factors(int lane) const noexcept { return equations_.solution(lane); }

    // After solve(): replaces factors(lane) by what has the square y^T A^-1 y; all y start with as many
    // zeros.
    void set_direction(int lane, const float* y) { std::copy_n(y, rank_, equations_.rhs(lane)); }
    void whiten(int zeros = 0) { equations_.whiten(zeros); }
    // After solve(): squares[lane] is the sum of the squares of what whiten() makes of the columns of a lower
    // triangular matrix for each lane, as set_column() lays them out in `columns`.
    void whitened_squares(const AlignedFloats& columns, double (&squares)[kLanes]) {
        equations_.whitened_squares(reinterpret_cast<const Lanes*>(columns.get()), squares);
    }
    // Room for such columns, zeros, and one of them.
    static AlignedFloats columns(int rank);
    static std::size_t columns_memory(int rank) noexcept {
        return sizeof(float) * kLanes * static_cast<std::size_t>(rank) *
               static_cast<std::size_t>(padded(rank));
    }
    static void set_column(AlignedFloats& columns, int rank, int lane, int k, const float* column);

    static std::size_t memory(int rank) noexcept;

  private:
    void gather(int lane, const SparseRow& ratings, std::size_t first, std::size_t count,
                const RatedFactors& rated);
    void add_targets(const float* targets, std::size_t count, float* rhs) const;

    int rank_;
    NormalEquations equations_;
    AlignedFloats chunk_;  // gathered rows, each times the root of its precision
    float ridge_[kLanes];
};

}  // namespace personalize::core
