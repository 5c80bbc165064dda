// Sums of outer products, the bulk of the work of alternating least squares.
#pragma once

#include <cstdint>

#include "core/factorization/factors.hpp"

namespace personalize::core {

// Lower triangle of `gram` (width x width, row-major, width a multiple of kRowAlignment) = or += X^T X, for X
// of `rows` rows of `width` floats, `stride` apart. Within its last block of columns a row is complete up to
// the block's end; what lies behind is not touched.
enum class Sum { start, add };
void gram_lower(const float* x, std::int64_t rows, int width, int stride, float* gram, Sum sum);

// Rows [first, first + kGramStrip) of weight X^T X, columns [0, width), symmetric counterparts included,
// summed in blocks of rows and in double. `gram` has rows of padded(width) floats and `width` of them.
inline constexpr int kGramStrip = 16;
void gram_strip(FactorsView x, int width, float weight, int first, float* gram);

}  // namespace personalize::core
