// Ratings whose items are some of a catalogue.
#pragma once

#include <cstdint>
#include <vector>

#include "core/ratings/ratings.hpp"
#include "core/runtime/host.hpp"
#include "core/runtime/memory_budget.hpp"

namespace personalize::core {

// Where the items of two lists are in the list of both.
struct UnitedItems {
    std::vector<std::int32_t> rated, others;
};

// Adds `others`, ids of the same type, to the items of the ratings, with no rating unless they have some.
// What the new list takes is claimed from `budget`, for the caller. Polls the host.
UnitedItems unite_items(Ratings& ratings, IdView others, MemoryBudget& budget, Host& host);

// `matrix` with row k at to[k], which ascends below `rows`; the others are empty.
SparseMatrix spread_rows(SparseMatrix matrix, const std::vector<std::int32_t>& to, std::int64_t rows);

}  // namespace personalize::core
