// The Gaussians that rows of factors come from in Bayesian matrix factorization, and draws of them.
#pragma once

#include <cstdint>
#include <vector>

#include "core/factorization/factors.hpp"
#include "core/runtime/host.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core {

// N(mean, precision^-1) of `rank` numbers; precision has rank x rank of them, symmetric.
struct Gaussian {
    std::vector<double> mean, precision;
};

// Sums over rows of factors: of the rows, and of their outer products (rank x rank, both triangles).
struct RowSums {
    double rows = 0;
    std::vector<double> sum, products;
};

// Of the first `rank` columns, in double; the same bits for every number of threads.
RowSums row_sums(FactorsView factors, int rank, int threads, Host& host);

// Bytes that it takes for the larger of two sides.
std::size_t row_sums_memory(std::int64_t rows, std::int64_t other_rows, int rank) noexcept;

// A draw of the Gaussian that these rows come from, where its prior is normal-Wishart with mean 0, beta0 2,
// W0 the identity and nu0 the rank (Salakhutdinov and Mnih 2008, "Bayesian Probabilistic Matrix Factorization
// using Markov Chain Monte Carlo", eq. 14). Rows that are not finite make it so.
Gaussian draw_gaussian(const RowSums& rows, Random& random);

// A draw of the gamma distribution with mean `shape` and scale 1; shape > 0 (Marsaglia and Tsang 2000).
double draw_gamma(double shape, Random& random);

}  // namespace personalize::core
