// The one order in which ranking adds up a dot product: column after column, each product added by
// multiply_add() to a sum that starts at zero, and the offset last. Whoever scores an item, alone or among
// many, gets the same bits.
#pragma once

#include "core/factorization/factors.hpp"
#include "core/runtime/vectors.hpp"

namespace personalize::core {

// offset + x . row.
PERSONALIZE_INLINE float score_of_row(const float* row, const float* x, int width, float offset) {
    float sum = 0;
    for (int k = 0; k < width; k++) sum = multiply_add(x[k], row[k], sum);
    return offset + sum;
}

// offset + x . rows[l] in lane l. Reads whole multiples of kLanes columns: what is behind `width` is zero.
PERSONALIZE_INLINE Lanes score_of_rows(const float* const (&rows)[kLanes], const float* x, int width,
                                       float offset) {
    static_assert(kRowAlignment % kLanes == 0);
    Lanes sum{};
    for (int k = 0; k < width; k += kLanes) {
        Lanes columns[kLanes];
        PERSONALIZE_UNROLL
        for (int r = 0; r < kLanes; r++) columns[r] = load(rows[r] + k);
        transpose(columns);
        PERSONALIZE_UNROLL
        for (int c = 0; c < kLanes; c++) sum = multiply_add(splat(x[k + c]), columns[c], sum);
    }
    return splat(offset) + sum;
}

}  // namespace personalize::core
