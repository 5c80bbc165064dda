// Matrix factorization with biases by stochastic gradient descent, for explicit feedback.
#pragma once

#include <cstdint>
#include <vector>

#include "core/factorization/factors.hpp"
#include "core/factorization/objective.hpp"
#include "core/ratings/sparse_matrix.hpp"
#include "core/runtime/host.hpp"

namespace personalize::core::sgd {

// Funk 2006; Koren, Bell, Volinsky 2009, eq. 5 and its updates. Blocks of users x items that share neither
// are worked on in parallel (FPSGD: Zhuang, Chin, Juan, Lin 2013), in an order that depends on the seed
// alone.
struct Options {
    Objective objective;  // explicit
    int iterations = 20;  // passes over all ratings
    float learning_rate = .005f;
    double tolerance = 0;  // stop when a pass lowers the loss by less than this share; 0: never
    std::uint64_t seed = 0;
    int threads = 1;
};

struct Model {
    Factors users, items;      // with biases, rows as factors.hpp says
    std::vector<double> loss;  // the objective after each pass
};

// `by_user` holds encoded observations (feedback.hpp).
// Throws InvalidInput (options out of range, diverged: the learning rate is too large), what host.poll()
// throws.
Model train(const SparseMatrix& by_user, const Options& options, Host& host);

std::size_t memory(std::int64_t users, std::int64_t items, std::int64_t ratings,
                   const Options& options) noexcept;

}  // namespace personalize::core::sgd
