// One-dimensional SQL arrays.
#pragma once

#include <span>

#include "pg/bridge/guard.hpp"

namespace personalize::pg {

// The array of `datum`, detoasted in the current memory context if it has to be. `what` is its name in
// messages ("the first vector"); more than one dimension is array_subscript_error.
ArrayType* one_dimensional(Datum datum, const char* what);

inline int length(ArrayType* array) { return ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)); }

// The place of the first NULL, from 1, or 0 if there is none.
int first_null(ArrayType* array);

// The elements, in place; T is their type, and none is NULL.
template <typename T>
std::span<const T> elements(ArrayType* array) {
    return {reinterpret_cast<const T*>(ARR_DATA_PTR(array)), static_cast<std::size_t>(length(array))};
}

}  // namespace personalize::pg
