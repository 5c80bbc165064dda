// Sums of outer products, the bulk of the work of alternating least squares.
#pragma once

#include <cstdint>

#include "core/factorization/factors.hpp"
#include "core/runtime/vectors.hpp"

namespace personalize::core {

// Lower triangle of X^T X, width x width, as gram_lower() keeps it: blocks of kLanes x kLanes, those below
// the diagonal row-major. A diagonal block has cyclic diagonal k (elements l, l + k mod kLanes) in its row k,
// and as it is symmetric, half of the diagonals are all of it: 9 vectors in place of 16.
struct GramElement {
    int row, column;  // column <= row
};
// The element that is kept in storage row `row`, lane `lane` of the vector at `column` (a multiple of
// kLanes).
inline constexpr GramElement gram_element(int row, int column, int lane) {
    const int diagonal = row - column;
    if (diagonal >= kLanes) return {row, column + lane};
    const int other = (lane + diagonal) % kLanes;
    return {column + (lane > other ? lane : other), column + (lane > other ? other : lane)};
}
// Whether a vector is kept there: below the diagonal, or one of the diagonals of a diagonal block.
inline constexpr bool gram_kept(int row, int column) {
    return row - column >= kLanes || (row >= column && row - column <= kLanes / 2);
}

// `gram` = or += X^T X for X of `rows` rows of `width` floats (a multiple of kRowAlignment), one behind the
// other.
enum class Sum { start, add };
void gram_lower(const float* x, std::int64_t rows, int width, float* gram, Sum sum);

// Rows [first, first + kGramStrip) of weight X^T X, columns [0, width), symmetric counterparts included,
// summed in blocks of rows and in double. `gram` has rows of padded(width) floats and `width` of them.
inline constexpr int kGramStrip = 16;
void gram_strip(FactorsView x, int width, float weight, int first, float* gram);

}  // namespace personalize::core
