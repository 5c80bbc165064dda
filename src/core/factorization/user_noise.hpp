// How far ratings are from what factors say, user by user: some rate by a whim, some as if by a rule.
#pragma once

#include <cstdint>
#include <vector>

#include "core/ratings/sparse_matrix.hpp"
#include "core/runtime/host.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core {

// The noise of user u is N(0, 1 / (alpha a_u)), a_u being gamma distributed with shape and rate v / 2, so
// that all ratings have Student's t distribution with v degrees of freedom (Lakshminarayanan, Bouchard,
// Archambeau 2011). alpha has a flat prior, in log alpha; v is one of some values from 2.5 to 100 with equal
// prior.
class UserNoise {
  public:
    explicit UserNoise(std::int64_t users);

    // Draws a_u (or leaves them, unless `own`), then alpha and v, given the sum of squared errors of each
    // user.
    void draw(const SparseMatrix& by_user, const std::vector<double>& squares, bool own, std::uint64_t seed,
              int threads, Host& host);

    float root() const noexcept { return root_; }                  // of alpha, at most kLargestRoot
    const float* roots() const noexcept { return roots_.data(); }  // of a_u
    double freedom() const noexcept { return freedom_; }           // v

    static constexpr float kLargestRoot = 32;  // more than that, and sums in float lose the prior

  private:
    void draw_own(const SparseMatrix& by_user, const std::vector<double>& squares, std::uint64_t seed,
                  int threads, Host& host);
    void draw_freedom(double excess, Random& random);

    std::vector<float> roots_;
    float root_ = 1.2f;
    double freedom_ = 6;
};

}  // namespace personalize::core
