// The elements of an SQL array as a set, for any type that has an order.
#pragma once

#include <cstdint>
#include <vector>

#include "core/runtime/memory_budget.hpp"
#include "pg/bridge/arrays.hpp"

namespace personalize::pg {

class ElementSet {
  public:
    // Repeated and NULL elements are passed over. Equality is that of the type's default B-tree operators and
    // collation; a type without them is undefined_function. What it holds is claimed from `budget`. The array
    // must live as long. O(n log n); cancelling works inside, here and below.
    ElementSet(ArrayType* array, core::MemoryBudget& budget);

    std::int64_t size() const noexcept { return size_; }

    // For the first `count` elements of an array of the same type: 1 where one is in the set and no repeat of
    // an earlier one, else 0; also 0 for a NULL. `count` is at most its length. O(count log n).
    std::vector<std::uint8_t> mark_first(ArrayType* array, int count, core::MemoryBudget& budget) const;

  private:
    TypeCacheEntry* type_;
    std::vector<Datum> sorted_;  // distinct in [0, size_)
    std::int64_t size_ = 0;
};

}  // namespace personalize::pg
