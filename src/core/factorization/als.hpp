// Alternating least squares, for implicit and explicit feedback.
#pragma once

#include <cstdint>
#include <vector>

#include "core/factorization/factors.hpp"
#include "core/factorization/objective.hpp"
#include "core/ratings/sparse_matrix.hpp"
#include "core/runtime/host.hpp"

namespace personalize::core::als {

struct Options {
    Objective objective;
    int iterations = 10;   // >= 1
    double tolerance = 0;  // stop when an iteration lowers the loss by less than this share; 0: never
    std::uint64_t seed = 0;
    int threads = 1;
    // Columns of a row that are solved together (iALS++, Rendle et al. 2021): rank is exact, less is cheaper
    // per iteration at high rank. 0: chosen by cost. Implicit only; rows with few observations are solved
    // exactly in any case, where dual_solver.hpp is cheaper.
    int block = 0;
};

struct Model {
    Factors users, items;  // rows as factors.hpp says; users are the exact answer to the final items where
                           // `block` was exact
    std::vector<double> loss;  // the objective after each iteration; goes down
};

// `by_user` holds encoded observations (feedback.hpp), `by_item` is its transpose. One iteration solves the
// items, then the users; users start as N(0, .1 / sqrt(rank)) drawn from the seed. Throws InvalidInput
// (options out of range, factors that became infinite), what host.poll() throws.
Model train(const SparseMatrix& by_user, const SparseMatrix& by_item, const Options& options, Host& host);

// Bytes that train() allocates, its model included.
std::size_t memory(std::int64_t users, std::int64_t items, const Options& options) noexcept;

}  // namespace personalize::core::als
