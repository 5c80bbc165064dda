#include "core/factorization/gram.hpp"

#include <algorithm>
#include <array>

#include "core/runtime/parallel.hpp"
#include "core/runtime/vectors.hpp"

namespace personalize::core {

namespace {

static_assert(kRowAlignment % kLanes == 0 && kGramStrip == kRowAlignment);

// Tiles that fit the registers: 32 of them with AVX-512, 16 elsewhere.
constexpr int kTileRows = kLanes == 4 ? 4 : 8;
constexpr int kTileVectors = kLanes == 16 ? 3 : kLanes == 8 ? 1 : 2;

struct Rows {
    const float* data;
    std::int64_t count;
    int stride;
};

// The kTileRows x (Vectors * kLanes) elements of X^T X at (row, column), kept at `tile`, `pitch` apart.
template <int Vectors>
PERSONALIZE_INLINE void sum_tile(const Rows& x, int row, int column, float* tile, int pitch, Sum sum) {
    Lanes acc[kTileRows][Vectors];
    PERSONALIZE_UNROLL
    for (int r = 0; r < kTileRows; r++) {
        PERSONALIZE_UNROLL
        for (int v = 0; v < Vectors; v++)
            acc[r][v] = sum == Sum::start ? Lanes{} : load(tile + r * pitch + v * kLanes);
    }
    const float* p = x.data;
    for (std::int64_t n = x.count; n > 0; n--, p += x.stride) {
        Lanes right[Vectors];
        PERSONALIZE_UNROLL
        for (int v = 0; v < Vectors; v++) right[v] = load(p + column + v * kLanes);
        PERSONALIZE_UNROLL
        for (int r = 0; r < kTileRows; r++) {
            const Lanes left = splat(p[row + r]);
            PERSONALIZE_UNROLL
            for (int v = 0; v < Vectors; v++) acc[r][v] += left * right[v];
        }
    }
    PERSONALIZE_UNROLL
    for (int r = 0; r < kTileRows; r++) {
        PERSONALIZE_UNROLL
        for (int v = 0; v < Vectors; v++) store(tile + r * pitch + v * kLanes, acc[r][v]);
    }
}

// Elements (row ... row + kTileRows, 0 ... columns).
void sum_tile_row(const Rows& x, int row, int columns, float* gram, int pitch, Sum sum) {
    int column = 0;
    const auto take = [&]<int Vectors>() {
        sum_tile<Vectors>(x, row, column, gram + column, pitch, sum);
        column += Vectors * kLanes;
    };
    if constexpr (kTileVectors == 3) {
        // Four vectors are better taken as 2 + 2 than as 3 + 1.
        while (columns - column > 2 * kLanes && columns - column != 4 * kLanes) take.template operator()<3>();
    }
    if constexpr (kTileVectors >= 2) {
        while (columns - column >= 2 * kLanes) take.template operator()<2>();
    }
    while (column < columns) take.template operator()<1>();
}

constexpr int kDiagonals = kLanes / 2 + 1;
// Diagonal blocks summed at once, so that enough sums run side by side.
constexpr int kDiagonalBlocks = kLanes == 16 ? 2 : 1;

template <int Blocks>
PERSONALIZE_INLINE void sum_diagonals(const Rows& x, int first, float* gram, Sum sum) {
    const std::int64_t pitch = x.stride;
    Lanes acc[Blocks][kDiagonals];
    const auto place = [=](int b, int k) PERSONALIZE_INLINE_LAMBDA {
        const int block = first + b * kLanes;
        return gram + (block + k) * pitch + block;
    };
    PERSONALIZE_UNROLL
    for (int b = 0; b < Blocks; b++) {
        PERSONALIZE_UNROLL
        for (int k = 0; k < kDiagonals; k++) acc[b][k] = sum == Sum::start ? Lanes{} : load(place(b, k));
    }
    const float* p = x.data + first;
    for (std::int64_t n = x.count; n > 0; n--, p += x.stride) {
        PERSONALIZE_UNROLL
        for (int b = 0; b < Blocks; b++) {
            const Lanes y = load(p + b * kLanes);
            [&]<int... K>(std::integer_sequence<int, K...>) PERSONALIZE_INLINE_LAMBDA {
                ((acc[b][K] += y * rotate<K>(y)), ...);
            }
            (std::make_integer_sequence<int, kDiagonals>{});
        }
    }
    PERSONALIZE_UNROLL
    for (int b = 0; b < Blocks; b++) {
        PERSONALIZE_UNROLL
        for (int k = 0; k < kDiagonals; k++) store(place(b, k), acc[b][k]);
    }
}

constexpr std::int64_t kRowsPerSum = 1024;

}  // namespace

void gram_lower(const float* x, std::int64_t rows, int width, float* gram, Sum sum) {
    const Rows all{x, rows, width};
    int block = 0;
    for (; block + kDiagonalBlocks * kLanes <= width; block += kDiagonalBlocks * kLanes)
        sum_diagonals<kDiagonalBlocks>(all, block, gram, sum);
    for (; block < width; block += kLanes) sum_diagonals<1>(all, block, gram, sum);
    for (int row = kLanes; row < width; row += kTileRows)
        sum_tile_row(all, row, row / kLanes * kLanes, gram + static_cast<std::int64_t>(row) * width, width,
                     sum);
}

void gram_strip(FactorsView x, int width, float weight, int first, float* gram) {
    constexpr int kMaxWidth = 1024;
    alignas(64) std::array<float, kGramStrip * kMaxWidth> part;
    std::array<double, kGramStrip * kMaxWidth> sum{};
    const int pitch = padded(width);
    const int columns = first + kGramStrip;
    for (std::int64_t from = 0; from < x.rows; from += kRowsPerSum) {
        stop_point();
        const Rows rows{x.row(from), std::min(kRowsPerSum, x.rows - from), x.stride};
        for (int r = 0; r < kGramStrip; r += kTileRows)
            sum_tile_row(rows, first + r, columns, part.data() + r * columns, columns, Sum::start);
        for (int k = 0; k < kGramStrip * columns; k++) sum[k] += part[k];
    }
    for (int r = first; r < std::min(width, first + kGramStrip); r++) {
        for (int c = 0; c <= r; c++) {
            const auto value = static_cast<float>(weight * sum[(r - first) * columns + c]);
            gram[r * pitch + c] = gram[c * pitch + r] = value;
        }
    }
}

}  // namespace personalize::core
