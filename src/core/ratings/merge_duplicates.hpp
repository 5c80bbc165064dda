// Several rows for one user and item become one.
#pragma once

#include <cstdint>

#include "core/ratings/ratings.hpp"

namespace personalize::core {

// Merges, in place, entries of ratings.by_user with equal columns, which lie side by side in any order, and
// their times (none: all are equal). Returns the number of entries that went into another. Throws
// InvalidInput (ratings.hpp), polls the host.
std::int64_t merge_duplicates(OnDuplicate rule, Ratings& ratings, Host& host);

}  // namespace personalize::core
