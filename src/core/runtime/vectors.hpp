// Vectors of floats as wide as the machine's registers. GCC's and Clang's vector extensions only, so that one
// source serves every instruction set. Every operation is per lane: what a lane holds never depends on the
// width.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>

#include "core/runtime/multiply_add.hpp"

#if defined(__AVX__)
#include <immintrin.h>
#endif

namespace personalize::core {

#if defined(__AVX512F__)
inline constexpr int kLanes = 16;
#elif defined(__AVX__)
inline constexpr int kLanes = 8;
#else
inline constexpr int kLanes = 4;
#endif

typedef float Lanes __attribute__((vector_size(kLanes * sizeof(float))));

using EveryLane = std::make_integer_sequence<int, kLanes>;

#define PERSONALIZE_INLINE_LAMBDA __attribute__((always_inline))
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

PERSONALIZE_INLINE float if_above(float x, float limit, float then) { return x > limit ? then : 0; }
PERSONALIZE_INLINE Lanes if_above(Lanes x, Lanes limit, Lanes then) { return x > limit ? then : Lanes{}; }

// Whether x >= limit in any lane.
PERSONALIZE_INLINE bool any_at_least(Lanes x, float limit) {
    const auto mask = x >= splat(limit);
    std::uint64_t words[sizeof mask / sizeof(std::uint64_t)], any = 0;
    std::memcpy(words, &mask, sizeof mask);
    for (const std::uint64_t word : words) any |= word;
    return any != 0;
}

// A bit for each lane but those in which x < limit; lane 0 is the lowest.
PERSONALIZE_INLINE std::uint32_t lanes_not_below(Lanes x, Lanes limit) {
#if defined(__AVX512F__)
    return _mm512_cmp_ps_mask(reinterpret_cast<__m512>(x), reinterpret_cast<__m512>(limit), _CMP_NLT_UQ);
#elif defined(__AVX__)
    return static_cast<std::uint32_t>(_mm256_movemask_ps(
        _mm256_cmp_ps(reinterpret_cast<__m256>(x), reinterpret_cast<__m256>(limit), _CMP_NLT_UQ)));
#else
    const auto below = x < limit;
    std::uint32_t bits = 0;
    for (int l = 0; l < kLanes; l++) bits |= static_cast<std::uint32_t>(below[l] == 0) << l;
    return bits;
#endif
}

// As of floats, in each lane.
PERSONALIZE_INLINE Lanes multiply_add(Lanes a, Lanes b, Lanes c) {
#if defined(__AVX512F__)
    return reinterpret_cast<Lanes>(_mm512_fmadd_ps(reinterpret_cast<__m512>(a), reinterpret_cast<__m512>(b),
                                                   reinterpret_cast<__m512>(c)));
#elif defined(__AVX__) && defined(__FMA__)
    return reinterpret_cast<Lanes>(_mm256_fmadd_ps(reinterpret_cast<__m256>(a), reinterpret_cast<__m256>(b),
                                                   reinterpret_cast<__m256>(c)));
#else
    return a * b + c;
#endif
}

// Lanes of `a` and `b` interleaved: the first halves, or the second halves.
PERSONALIZE_INLINE Lanes interleave_first(Lanes a, Lanes b) {
    return [=]<int... L>(std::integer_sequence<int, L...>) PERSONALIZE_INLINE_LAMBDA {
        return __builtin_shufflevector(a, b, (L / 2 + L % 2 * kLanes)...);
    }
    (EveryLane{});
}
PERSONALIZE_INLINE Lanes interleave_second(Lanes a, Lanes b) {
    return [=]<int... L>(std::integer_sequence<int, L...>) PERSONALIZE_INLINE_LAMBDA {
        return __builtin_shufflevector(a, b, (kLanes / 2 + L / 2 + L % 2 * kLanes)...);
    }
    (EveryLane{});
}

// Lane l of the result is lane (l + By) mod kLanes of v.
template <int By>
PERSONALIZE_INLINE Lanes rotate(Lanes v) {
    return [=]<int... L>(std::integer_sequence<int, L...>) PERSONALIZE_INLINE_LAMBDA {
        return __builtin_shufflevector(v, v, ((L + By) % kLanes)...);
    }
    (EveryLane{});
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

// Lane l of the result is the sum over v[l], added up in an order that depends on kLanes only.
PERSONALIZE_INLINE Lanes horizontal_sums(Lanes (&v)[kLanes]) {
    PERSONALIZE_UNROLL
    for (int half = kLanes / 2; half > 0; half /= 2) {
        PERSONALIZE_UNROLL
        for (int k = 0; k < half; k++)
            v[k] = interleave_first(v[k], v[k + half]) + interleave_second(v[k], v[k + half]);
    }
    return v[0];
}

// x . rows[l] over `width` floats, a multiple of kLanes. The same bits for the same row in any lane.
PERSONALIZE_INLINE Lanes dot_rows(const float* const (&rows)[kLanes], const float* x, int width) {
    constexpr int kGroup =
        kLanes < 8 ? kLanes : 8;  // as many rows as there are registers for their addresses
    Lanes sums[kLanes] = {};
    PERSONALIZE_UNROLL
    for (int first = 0; first < kLanes; first += kGroup) {
        for (int k = 0; k < width; k += kLanes) {
            const Lanes right = load(x + k);
            PERSONALIZE_UNROLL
            for (int r = first; r < first + kGroup; r++) sums[r] += load(rows[r] + k) * right;
        }
    }
    return horizontal_sums(sums);
}

}  // namespace personalize::core
