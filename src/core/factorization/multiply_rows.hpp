// The product of kLanes rows and a matrix, for solvers that take that many rows at a time.
#pragma once

#include "core/runtime/vectors.hpp"

namespace personalize::core {

// Vectors vectors at `column` of the product.
template <int Vectors>
PERSONALIZE_INLINE void multiply_columns(const float* a, const float* b, int inner, int pitch, int columns,
                                         int column, float* product) {
    constexpr int kTileRows = kLanes == 4 ? 4 : 8;
    static_assert(kLanes % kTileRows == 0);
    for (int row = 0; row < kLanes; row += kTileRows) {
        Lanes acc[kTileRows][Vectors] = {};
        for (int k = 0; k < inner; k++) {
            Lanes right[Vectors];
            PERSONALIZE_UNROLL
            for (int v = 0; v < Vectors; v++) right[v] = load(b + k * pitch + column + v * kLanes);
            PERSONALIZE_UNROLL
            for (int r = 0; r < kTileRows; r++) {
                const Lanes left = splat(a[(row + r) * pitch + k]);
                PERSONALIZE_UNROLL
                for (int v = 0; v < Vectors; v++) acc[r][v] += left * right[v];
            }
        }
        PERSONALIZE_UNROLL
        for (int r = 0; r < kTileRows; r++) {
            PERSONALIZE_UNROLL
            for (int v = 0; v < Vectors; v++)
                store(product + (row + r) * columns + column + v * kLanes, acc[r][v]);
        }
    }
}

// product (kLanes rows of `columns` floats, a multiple of kRowAlignment) = a (kLanes rows) times b (`inner`
// rows), both `pitch` apart.
inline void multiply_rows(const float* a, const float* b, int inner, int pitch, int columns, float* product) {
    constexpr int kVectors = kLanes == 8 ? 1 : 2;  // as many as leave registers for all sums
    int column = 0;
    for (; column + kVectors * kLanes <= columns; column += kVectors * kLanes)
        multiply_columns<kVectors>(a, b, inner, pitch, columns, column, product);
    for (; column < columns; column += kLanes)
        multiply_columns<1>(a, b, inner, pitch, columns, column, product);
}

}  // namespace personalize::core
