#include "pg/bridge/arrays.hpp"

namespace personalize::pg {

ArrayType* one_dimensional(Datum datum, const char* what) {
    ArrayType* array = call([datum] { return DatumGetArrayTypeP(datum); });
    if (ARR_NDIM(array) > 1)
        throw SqlError(ERRCODE_ARRAY_SUBSCRIPT_ERROR,
                       std::string(what) + " has " + std::to_string(ARR_NDIM(array)) + " dimensions",
                       "Give a one-dimensional array.");
    return array;
}

int first_null(ArrayType* array) {
    const bits8* bitmap = ARR_NULLBITMAP(array);
    for (int k = 0; bitmap != nullptr && k < length(array); k++)
        if ((bitmap[k / 8] & (1 << (k % 8))) == 0) return k + 1;
    return 0;
}

}  // namespace personalize::pg
