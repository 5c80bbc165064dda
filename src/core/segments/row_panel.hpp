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

}  // namespace personalize::core
