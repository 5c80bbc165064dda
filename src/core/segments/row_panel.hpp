// Some rows of floats side by side, one in each lane. For kernels only.
#pragma once

#include <cstdint>

#include "core/runtime/vectors.hpp"

namespace personalize::core {

// to[j * lanes + l] = row_at(l)[j]; lanes: a multiple of kLanes.
template <class RowAt>
PERSONALIZE_INLINE void pack_rows(RowAt row_at, int lanes, int columns, float* to) {
    const int whole = columns / kLanes * kLanes;
    for (int group = 0; group < lanes; group += kLanes) {
        const float* rows[kLanes];
        for (int l = 0; l < kLanes; l++) rows[l] = row_at(group + l);
        for (int j = 0; j < whole; j += kLanes) {
            Lanes block[kLanes];
            PERSONALIZE_UNROLL
            for (int l = 0; l < kLanes; l++) block[l] = load(rows[l] + j);
            transpose(block);
            PERSONALIZE_UNROLL
            for (int l = 0; l < kLanes; l++) store(to + std::int64_t{j + l} * lanes + group, block[l]);
        }
        for (int j = whole; j < columns; j++)
            for (int l = 0; l < kLanes; l++) to[std::int64_t{j} * lanes + group + l] = rows[l][j];
    }
}

// The squared distance to y of each of the rows in a panel that pack_rows() made of V vectors.
template <int V>
PERSONALIZE_INLINE void squared_distances(const float* panel, const float* y, int columns,
                                          Lanes (&squares)[V]) {
    for (Lanes& square : squares) square = Lanes{};
    for (int j = 0; j < columns; j++) {
        const Lanes other = splat(y[j]);
        PERSONALIZE_UNROLL
        for (int v = 0; v < V; v++) {
            const Lanes d = load(panel + std::int64_t{j} * V * kLanes + v * kLanes) - other;
            squares[v] = multiply_add(d, d, squares[v]);
        }
    }
}

}  // namespace personalize::core
