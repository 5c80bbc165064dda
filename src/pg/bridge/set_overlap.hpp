// Two SQL arrays compared as sets, for any type whose values can be compared.
#pragma once

#include "core/neighbours/set_overlap.hpp"
#include "pg/bridge/arrays.hpp"

namespace personalize::pg {

// Arrays of one element type. Repeated and NULL elements are passed over. Equality is that of the type's
// default operators, under `collation` where the type has collations (InvalidOid: that of the type); a type
// with neither a hash nor a B-tree operator class is undefined_function. Integers in ascending order are read
// where they are, in linear time; else sorted, by value or by hash. Cancelling works inside. What is copied
// is claimed from `budget`.
core::SetOverlap overlap(ArrayType* a, ArrayType* b, Oid collation, core::MemoryBudget& budget);

}  // namespace personalize::pg
