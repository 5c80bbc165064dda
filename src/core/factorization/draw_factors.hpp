// The random factors that trainings start from.
#pragma once

#include <cstdint>

#include "core/factorization/factors.hpp"
#include "core/runtime/host.hpp"

namespace personalize::core {

// The first `rank` columns of each row become N(0, .1 / sqrt(rank)), a pure function of the seed and the row.
void draw_factors(Factors& factors, int rank, std::uint64_t seed, int threads, Host& host);

}  // namespace personalize::core
