// Bayesian matrix factorization by Gibbs sampling, for explicit feedback: no regularization to choose, and a
// deviation for every prediction.
#pragma once

#include <cstdint>
#include <vector>

#include "core/factorization/factors.hpp"
#include "core/factorization/rating_posterior.hpp"
#include "core/ratings/sparse_matrix.hpp"
#include "core/runtime/host.hpp"

namespace personalize::core::gibbs {

inline constexpr int kLargestRank = 64;    // 32 are as good as more, and time grows with the cube
inline constexpr int kMostColumns = 1022;  // rank x kept: what a row of factors holds beside its biases

// Salakhutdinov and Mnih 2008 ("Bayesian Probabilistic Matrix Factorization using Markov Chain Monte Carlo"):
// factors of each side are Gaussian with a normal-Wishart prior. The noise has a precision of its own for
// each user (as Lakshminarayanan, Bouchard, Archambeau 2011, "Robust Bayesian Matrix Factorisation"), whose
// prior is sampled too. Biases are in the means of the Gaussians.
struct Options {
    int rank = 16;     // d, 1 to kLargestRank
    int burn_in = 20;  // sweeps before the first that counts, >= 0
    int samples = 80;  // sweeps that count, >= 1
    // S of the samples, 1 to all, evenly spaced and ending with the last: more of them predict better and
    // take more memory, and time when serving.
    int kept = 16;
    std::uint64_t seed = 0;
    int threads = 1;
};

struct Model {
    Factors users, items;  // rows as rating_posterior.hpp says: a dot product is the mean of the predictions
    std::vector<float> parameters;  // of the posterior
    // After each sweep, the sum of squared errors of what it drew: goes down while the chain settles, then up
    // and down.
    std::vector<double> loss;
    int rank, samples;  // d, S

    PosteriorView posterior() const noexcept { return {rank, samples, parameters.data()}; }
};

// `by_user` holds encoded observations (feedback.hpp), `by_item` is its transpose. A sweep draws the items,
// then the users, each after the Gaussian that they come from, then the noise; the users that are returned
// are what PosteriorFoldIn makes of their ratings. Throws InvalidInput (options out of range, ratings or
// factors that are infinite), what host.poll() throws.
Model train(const SparseMatrix& by_user, const SparseMatrix& by_item, const Options& options, Host& host);

// Bytes that train() allocates, its model included.
std::size_t memory(std::int64_t users, std::int64_t items, const Options& options) noexcept;

}  // namespace personalize::core::gibbs
