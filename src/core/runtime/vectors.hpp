// Vectors of floats as wide as the machine's registers. GCC's and Clang's vector extensions only, so that one
// source serves every instruction set. Every operation is per lane: what a lane holds never depends on the
// width.
#pragma once

#include <cmath>
#include <cstring>

namespace personalize::core {

#if defined(__AVX512F__)
inline constexpr int kLanes = 16;
#elif defined(__AVX__)
inline constexpr int kLanes = 8;
#else
inline constexpr int kLanes = 4;
#endif

typedef float Lanes __attribute__((vector_size(kLanes * sizeof(float))));
typedef int LaneIndexes __attribute__((vector_size(kLanes * sizeof(int))));

#define PERSONALIZE_INLINE inline __attribute__((always_inline))
// Loops over registers: their trip counts are small constants.
#define PERSONALIZE_UNROLL _Pragma("GCC unroll 32")

PERSONALIZE_INLINE Lanes splat(float x) { return x - Lanes{}; }

PERSONALIZE_INLINE Lanes load(const float* p) {
    Lanes v;
    std::memcpy(&v, p, sizeof v);
    return v;
}
PERSONALIZE_INLINE void store(float* p, Lanes v) { std::memcpy(p, &v, sizeof v); }

PERSONALIZE_INLINE float square_root(float x) { return std::sqrt(x); }
PERSONALIZE_INLINE Lanes square_root(Lanes x) {
    PERSONALIZE_UNROLL
    for (int l = 0; l < kLanes; l++) x[l] = std::sqrt(x[l]);
    return x;
}

PERSONALIZE_INLINE float at_least(float x, float low) { return x > low ? x : low; }
PERSONALIZE_INLINE Lanes at_least(Lanes x, Lanes low) { return x > low ? x : low; }

// Lanes of `a` and `b` interleaved: the first halves, or the second halves.
PERSONALIZE_INLINE Lanes interleave_first(Lanes a, Lanes b) {
#if defined(__AVX512F__)
    return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
#elif defined(__AVX__)
    return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
#else
    return __builtin_shufflevector(a, b, 0, 4, 1, 5);
#endif
}
PERSONALIZE_INLINE Lanes interleave_second(Lanes a, Lanes b) {
#if defined(__AVX512F__)
    return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
#elif defined(__AVX__)
    return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
#else
    return __builtin_shufflevector(a, b, 2, 6, 3, 7);
#endif
}

// Transposes kLanes x kLanes floats in place: log2(kLanes) perfect shuffles.
PERSONALIZE_INLINE void transpose(Lanes (&v)[kLanes]) {
    PERSONALIZE_UNROLL
    for (int stage = 1; stage < kLanes; stage *= 2) {
        Lanes shuffled[kLanes];
        PERSONALIZE_UNROLL
        for (int k = 0; k < kLanes / 2; k++) {
            shuffled[2 * k] = interleave_first(v[k], v[k + kLanes / 2]);
            shuffled[2 * k + 1] = interleave_second(v[k], v[k + kLanes / 2]);
        }
        PERSONALIZE_UNROLL
        for (int k = 0; k < kLanes; k++) v[k] = shuffled[k];
    }
}

}  // namespace personalize::core
