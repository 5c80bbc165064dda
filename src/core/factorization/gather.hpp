// Rows of factors are copied into the first-level cache, a chunk at a time, before they are worked on.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "core/factorization/factors.hpp"
#include "core/ratings/sparse_matrix.hpp"
#include "core/runtime/parallel.hpp"

namespace personalize::core {

inline constexpr std::size_t kChunkRows = 64;  // 16 KB at 64 factors

// Memory is asked for this many rows ahead.
inline constexpr std::size_t kPrefetchRows = 16;

inline void prefetch(FactorsView factors, const SparseRow& row, std::size_t k, int first, int width) {
    if (k >= row.size()) return;
    const float* const p = factors.row(row.columns[k]) + first;
    for (int j = 0; j < width; j += kRowAlignment) __builtin_prefetch(p + j);
}

// What the loop over a row will want first: to be called before the work on the row before.
inline void prefetch_start(FactorsView factors, const SparseRow& row, int first, int width) {
    for (std::size_t k = 0; k < kPrefetchRows; k++) prefetch(factors, row, k, first, width);
}

// Some observations of a row, one behind the other.
struct Chunk {
    const SparseRow& row;
    std::size_t first, count;
    std::int32_t column(std::size_t k) const { return row.columns[first + k]; }
    float value(std::size_t k) const { return row.values[first + k]; }
};

// Calls work(chunk) for the observations of a row, kChunkRows at a time; once, with an empty chunk, for a row
// without any.
template <class Work>
void for_each_chunk(const SparseRow& row, Work&& work) {
    std::size_t first = 0;
    do {
        const Chunk chunk{row, first, std::min(kChunkRows, row.size() - first)};
        if (first > 0) stop_point();
        work(chunk);
        first += chunk.count;
    } while (first < row.size());
}

}  // namespace personalize::core
