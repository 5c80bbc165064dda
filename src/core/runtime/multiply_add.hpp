// Sums of products that are the same bits wherever they are added up.
#pragma once

namespace personalize::core {

#define PERSONALIZE_INLINE inline __attribute__((always_inline))

// a b + c, rounded once where the machine can, and then everywhere: never left to what the compiler
// contracts.
PERSONALIZE_INLINE float multiply_add(float a, float b, float c) {
#if defined(__AVX512F__) || defined(__FMA__)
    return __builtin_fmaf(a, b, c);
#else
    return a * b + c;
#endif
}

}  // namespace personalize::core
