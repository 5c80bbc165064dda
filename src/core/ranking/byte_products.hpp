// Products of bytes, four to a lane: what instruction sets have for them.
#pragma once

#include "core/runtime/vectors.hpp"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace personalize::core {

typedef std::int32_t Counts __attribute__((vector_size(kLanes * sizeof(std::int32_t))));

// Without an instruction that adds up all four in 32 bits, pairs are added in 16 bits, where 255 x 63 x 2
// fits.
#if defined(__AVX512VNNI__) || !defined(__AVX2__)
inline constexpr int kGreatestUserCode = 127;
#else
inline constexpr int kGreatestUserCode = 63;
#endif

// To lane l of `sum` is added the product of the bytes codes[4 l ... 4 l + 3], without sign, and the four
// bytes of `factors`, with sign, of which the lowest is first; none of these exceeds kGreatestUserCode.
PERSONALIZE_INLINE Counts add_byte_products(Counts sum, const std::uint8_t* codes, std::int32_t factors) {
    Counts bytes;
    std::memcpy(&bytes, codes, sizeof bytes);
#if defined(__AVX512VNNI__)
    return reinterpret_cast<Counts>(_mm512_dpbusd_epi32(
        reinterpret_cast<__m512i>(sum), reinterpret_cast<__m512i>(bytes), _mm512_set1_epi32(factors)));
#elif defined(__AVX512BW__)
    const __m512i pairs = _mm512_maddubs_epi16(reinterpret_cast<__m512i>(bytes), _mm512_set1_epi32(factors));
    return sum + reinterpret_cast<Counts>(_mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
#elif defined(__AVX2__) && !defined(__AVX512F__)
    const __m256i pairs = _mm256_maddubs_epi16(reinterpret_cast<__m256i>(bytes), _mm256_set1_epi32(factors));
    return sum + reinterpret_cast<Counts>(_mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
#elif defined(__SSE2__) && !defined(__AVX__)
    const __m128i low_bytes = _mm_set1_epi16(0xff), all = reinterpret_cast<__m128i>(bytes),
                  x = _mm_set1_epi32(factors);
    const __m128i even =
        _mm_madd_epi16(_mm_and_si128(all, low_bytes), _mm_srai_epi16(_mm_slli_epi16(x, 8), 8));
    const __m128i odd = _mm_madd_epi16(_mm_srli_epi16(all, 8), _mm_srai_epi16(x, 8));
    return sum + reinterpret_cast<Counts>(_mm_add_epi32(even, odd));
#else
    for (int byte = 0; byte < 4; byte++)
        sum += (bytes >> 8 * byte & 0xff) * (static_cast<std::int8_t>(factors >> 8 * byte));
    return sum;
#endif
}

}  // namespace personalize::core
