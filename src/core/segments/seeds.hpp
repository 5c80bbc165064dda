// Where k-means begins.
#pragma once

#include <cstdint>
#include <vector>

#include "core/runtime/host.hpp"
#include "core/runtime/random.hpp"
#include "core/segments/points.hpp"

namespace personalize::core {

// Greedy k-means++ (Arthur, Vassilvitskii 2007, "k-means++: the advantages of careful seeding", section 2.2
// and its end): each seed is the best of 2 + log k points drawn with a chance proportional to the squared
// distance to the nearest seed so far. Returns k points, or as many as differ from one another. The same for
// any number of threads.
std::vector<std::int64_t> choose_seeds(const Points& points, int k, Random& random, int threads, Host& host);

}  // namespace personalize::core
