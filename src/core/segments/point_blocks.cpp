#include "core/segments/point_blocks.hpp"

#include <cstring>

#include "core/runtime/vectors.hpp"

namespace personalize::core {

namespace {

constexpr int kDoubles = kLanes / 2, kVectors = kBlockPoints / kDoubles;
constexpr int kTogether = kLanes == 16 ? 4 : 1;  // points: as many as there are registers for their sums
typedef double DoubleLanes __attribute__((vector_size(kDoubles * sizeof(double))));

struct Squares {
    DoubleLanes sums[kVectors];
};

template <int Count>
PERSONALIZE_INLINE void add_up(const double* block, const double* const* points, int columns,
                               Squares (&squares)[Count]) {
    PERSONALIZE_UNROLL
    for (int k = 0; k < Count; k++) squares[k] = {};
    for (int j = 0; j < columns; j++, block += kBlockPoints) {
        DoubleLanes there[kVectors];
        std::memcpy(there, block, sizeof there);
        PERSONALIZE_UNROLL
        for (int k = 0; k < Count; k++) {
            PERSONALIZE_UNROLL
            for (int v = 0; v < kVectors; v++) {
                const DoubleLanes d = there[v] - points[k][j];
                squares[k].sums[v] += d * d;
            }
        }
    }
}

PERSONALIZE_INLINE std::uint16_t at_most(const Squares& squares, double limit) {
    std::uint32_t bits = 0;
#if defined(__AVX512F__)
    for (int v = 0; v < kVectors; v++)
        bits |= static_cast<std::uint32_t>(_mm512_cmp_pd_mask(reinterpret_cast<__m512d>(squares.sums[v]),
                                                              _mm512_set1_pd(limit), _CMP_LE_OQ))
                << (v * kDoubles);
#else
    for (int l = 0; l < kBlockPoints; l++)
        bits |= static_cast<std::uint32_t>(squares.sums[l / kDoubles][l % kDoubles] <= limit) << l;
#endif
    return static_cast<std::uint16_t>(bits);
}

template <int Count>
PERSONALIZE_INLINE void find_near(const double* block, const double* const* points, int columns,
                                  double square, std::uint16_t* near) {
    Squares squares[Count];
    add_up(block, points, columns, squares);
    for (int k = 0; k < Count; k++) near[k] = at_most(squares[k], square);
}

}  // namespace

void block_distances(const double* block, const double* point, int columns, double* squares) {
    Squares sums[1];
    add_up(block, &point, columns, sums);
    std::memcpy(squares, sums, sizeof sums);
}

void near_in_block(const double* block, const double* const* points, int count, int columns, double square,
                   std::uint16_t* near) {
    int k = 0;
    for (; k + kTogether <= count; k += kTogether)
        find_near<kTogether>(block, points + k, columns, square, near + k);
    for (; k < count; k++) find_near<1>(block, points + k, columns, square, near + k);
}

}  // namespace personalize::core
