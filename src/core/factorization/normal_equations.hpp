// The linear systems A x = b that alternating least squares solves: one, or kLanes of them at a time.
#pragma once

#include <cstddef>

#include "core/factorization/aligned_floats.hpp"
#include "core/factorization/dense_cholesky.hpp"
#include "core/factorization/factors.hpp"
#include "core/runtime/vectors.hpp"

namespace personalize::core {

// What all systems add to their matrix: a symmetric matrix of rows `pitch` apart, or nothing.
struct SharedMatrix {
    const float* data = nullptr;
    int pitch = 0;
};

// Allocates in its constructor only. A system gives the same bits alone and among others.
class NormalEquations {
  public:
    // count: 1 or kLanes.
    NormalEquations(int most_unknowns, int count);

    // Must be called before the systems are filled; at most the unknowns of the constructor.
    void set_unknowns(int unknowns) noexcept;
    int order() const noexcept { return order_; }  // padded(unknowns)

    // Of system s: the sums, as gram_lower() keeps them, the right-hand side and, after solve(), x; order()
    // wide.
    float* gram(int s) noexcept { return gram_.get() + static_cast<std::ptrdiff_t>(s) * order_ * order_; }
    const float* gram(int s) const noexcept {
        return gram_.get() + static_cast<std::ptrdiff_t>(s) * order_ * order_;
    }
    float* rhs(int s) noexcept { return rhs_.get() + static_cast<std::ptrdiff_t>(s) * order_; }
    const float* rhs(int s) const noexcept { return rhs_.get() + static_cast<std::ptrdiff_t>(s) * order_; }
    const float* solution(int s) const noexcept {
        return solution_.get() + static_cast<std::ptrdiff_t>(s) * order_;
    }

    // Solves (gram(s) + shared + ridge[s] I) x = rhs(s) for all s; every ridge must be positive.
    void solve(SharedMatrix shared, const float (&ridge)[kLanes]);

    // After solve(), of kLanes systems: L^-1 b for the rhs that there are now, where gram(s) + shared +
    // ridge[s] I = L L^T; its square is b^T (gram(s) + shared + ridge[s] I)^-1 b. The first `zeros` elements
    // of every rhs are 0.
    void whiten(int zeros = 0);

    // After solve(), of kLanes systems: sums[s] is the sum of the squares of what whiten() makes of the
    // columns of a lower triangular matrix for each system: element (j, k) of s at columns[k * order() + j],
    // lane s. Less work than whiten() for each of them, and the same bits.
    void whitened_squares(const Lanes* columns, double (&sums)[kLanes]);

    // As solve(), of kLanes systems, but solution(s) is x + L^-T z for the z in noise(s): where that is N(0,
    // I), a draw of N(x, (gram(s) + shared + ridge[s] I)^-1).
    void draw(SharedMatrix shared, const float (&ridge)[kLanes]);
    float* noise(int s) noexcept { return solution_.get() + static_cast<std::ptrdiff_t>(s) * order_; }

    static std::size_t memory(int most_unknowns, int count) noexcept;

  private:
    void solve_dense(SharedMatrix shared, float ridge);
    void solve_lanes(SharedMatrix shared, Lanes ridge);
    void factorize_lanes(SharedMatrix shared, Lanes ridge);
    Lanes* packed() noexcept { return reinterpret_cast<Lanes*>(packed_.get()); }
    Lanes* lanes() noexcept { return reinterpret_cast<Lanes*>(lanes_.get()); }

    int count_;
    int unknowns_ = 0;
    int order_ = 0;
    AlignedFloats gram_, rhs_, solution_;
    DenseCholesky dense_;   // of a single system
    AlignedFloats packed_;  // kLanes systems as lane_cholesky.hpp wants them
    AlignedFloats lanes_;   // their right-hand sides, a lane for each
};

}  // namespace personalize::core
