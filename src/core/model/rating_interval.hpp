// A range that holds a rating as often as one asks for.
#pragma once

#include "core/factorization/rating_posterior.hpp"

namespace personalize::core {

struct RatingInterval {
    float rating, lower, upper;
};

// Of a normal distribution, with half of what it leaves out on either side; coverage in (0, 1). All three are
// clipped to [lowest, highest].
RatingInterval interval_of(RatingDistribution distribution, double coverage, float lowest, float highest);

}  // namespace personalize::core
