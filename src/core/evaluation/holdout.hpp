// A holdout: pairs of user and item that are kept from training, to test on.
#pragma once

#include <cstdint>

#include "core/ratings/id_hash.hpp"

namespace personalize::core {

// Whether a pair belongs to the holdout that has `fraction` of all pairs, in [0, 1]. A pure function of its
// arguments, so that a pair stays where it is whatever rows come and go. For one seed, a holdout of a smaller
// fraction is part of that of a larger one; holdouts of different seeds are independent.
inline bool in_holdout(const Id& user, const Id& item, double fraction, std::uint64_t seed) noexcept {
    return unit_interval(hash_ids(user, item, seed)) < fraction;
}

}  // namespace personalize::core
