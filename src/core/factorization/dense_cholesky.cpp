#include "core/factorization/dense_cholesky.hpp"

#include <algorithm>

#include "core/factorization/lane_cholesky.hpp"
#include "core/runtime/vectors.hpp"

namespace personalize::core {

namespace {

constexpr int kBlock = kLanes == 4 ? 4 : 8;  // rows of R that are worked on together

// Rows [first, first + kBlock) of `upper`, Vectors vectors at `column`, minus what the rows above give.
template <int Vectors>
PERSONALIZE_INLINE void subtract_above(float* upper, int order, int first, int column) {
    Lanes acc[kBlock][Vectors];
    PERSONALIZE_UNROLL
    for (int r = 0; r < kBlock; r++) {
        PERSONALIZE_UNROLL
        for (int v = 0; v < Vectors; v++) acc[r][v] = load(upper + (first + r) * order + column + v * kLanes);
    }
    for (int k = 0; k < first; k++) {
        const float* const above = upper + k * order;
        Lanes right[Vectors];
        PERSONALIZE_UNROLL
        for (int v = 0; v < Vectors; v++) right[v] = load(above + column + v * kLanes);
        PERSONALIZE_UNROLL
        for (int r = 0; r < kBlock; r++) {
            const Lanes left = splat(above[first + r]);
            PERSONALIZE_UNROLL
            for (int v = 0; v < Vectors; v++) acc[r][v] -= left * right[v];
        }
    }
    PERSONALIZE_UNROLL
    for (int r = 0; r < kBlock; r++) {
        PERSONALIZE_UNROLL
        for (int v = 0; v < Vectors; v++) store(upper + (first + r) * order + column + v * kLanes, acc[r][v]);
    }
}

// x[from ... order) -= factor * row, whole vectors.
PERSONALIZE_INLINE void subtract_row(float* x, float factor, const float* row, int from, int order) {
    const Lanes f = splat(factor);
    for (int j = from; j < order; j += kLanes) store(x + j, load(x + j) - f * load(row + j));
}

int vector_start(int index) { return index / kLanes * kLanes; }

}  // namespace

std::size_t DenseCholesky::memory(int most_order) noexcept {
    const auto order = static_cast<std::size_t>(most_order);
    return sizeof(float) * (2 * order * order + order);
}

DenseCholesky::DenseCholesky(int most_order) {
    const auto order = static_cast<std::size_t>(most_order);
    upper_ = aligned_floats(order * order);
    lower_ = aligned_floats(order * order);
    reciprocal_ = aligned_floats(order);
}

void DenseCholesky::factorize(int order) {
    for (int i = 1; i < order; i++) std::fill_n(upper_.get() + i * order, i, 0.0f);
    for (int first = 0; first < order; first += kBlock) {
        float diagonal[kBlock];
        for (int r = 0; r < kBlock; r++) diagonal[r] = upper_[(first + r) * order + first + r];
        reduce_rows(first, order);
        for (int r = 0; r < kBlock; r++) {
            const int row = first + r;
            float* const values = upper_.get() + row * order;
            for (int k = first; k < row; k++)
                subtract_row(values, upper_[k * order + row], upper_.get() + k * order, vector_start(row),
                             order);
            reciprocal_[row] = pivot_reciprocal(values[row], diagonal[r]);
            for (int j = row + 1; j < order; j++) values[j] *= reciprocal_[row];
        }
    }
    mirror(order);
}

void DenseCholesky::reduce_rows(int first, int order) {
    int column = vector_start(first);
    for (; column + 2 * kLanes <= order; column += 2 * kLanes)
        subtract_above<2>(upper_.get(), order, first, column);
    if (column < order) subtract_above<1>(upper_.get(), order, first, column);
}

void DenseCholesky::mirror(int order) {
    for (int i = 0; i < order; i++)
        std::fill_n(upper_.get() + i * order + vector_start(i), i % kLanes + 1, 0.0f);
    for (int i = 0; i < order; i += kLanes) {
        for (int j = i; j < order; j += kLanes) {
            Lanes v[kLanes];
            for (int l = 0; l < kLanes; l++) v[l] = load(upper_.get() + (i + l) * order + j);
            transpose(v);
            for (int l = 0; l < kLanes; l++) store(lower_.get() + (j + l) * order + i, v[l]);
        }
    }
}

void DenseCholesky::substitute(int order, float* x) const {
    for (int i = 0; i < order; i++) {
        x[i] *= reciprocal_[i];
        subtract_row(x, x[i], upper_.get() + i * order, vector_start(i), order);
    }
    for (int i = order - 1; i >= 0; i--) {
        x[i] *= reciprocal_[i];
        subtract_row(x, x[i], lower_.get() + i * order, 0, vector_start(i) + kLanes);
    }
}

}  // namespace personalize::core
