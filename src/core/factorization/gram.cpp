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

void sum_strip(const Rows& x, int first, float* strip, int pitch, Sum sum) {
    for (int r = 0; r < kGramStrip; r += kTileRows) {
        const int columns = (first + r + kTileRows + kLanes - 1) / kLanes * kLanes;
        sum_tile_row(x, first + r, columns, strip + r * pitch, pitch, sum);
    }
}

constexpr std::int64_t kRowsPerSum = 1024;

}  // namespace

void gram_lower(const float* x, std::int64_t rows, int width, int stride, float* gram, Sum sum) {
    for (int first = 0; first < width; first += kGramStrip)
        sum_strip({x, rows, stride}, first, gram + static_cast<std::int64_t>(first) * width, width, sum);
}

void gram_strip(FactorsView x, int width, float weight, int first, float* gram) {
    constexpr int kMaxWidth = 1024;
    alignas(64) std::array<float, kGramStrip * kMaxWidth> part;
    std::array<double, kGramStrip * kMaxWidth> sum{};
    const int pitch = padded(width);
    const int columns = first + kGramStrip;
    for (std::int64_t from = 0; from < x.rows; from += kRowsPerSum) {
        stop_point();
        sum_strip({x.row(from), std::min(kRowsPerSum, x.rows - from), x.stride}, first, part.data(), columns,
                  Sum::start);
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
