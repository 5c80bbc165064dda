#include "core/factorization/lane_cholesky.hpp"

namespace personalize::core {

namespace {

constexpr int kB = kCholeskyBlock;

struct Block {
    Lanes at[kB][kB];  // [row][column]
};

PERSONALIZE_INLINE Block load_block(const Lanes* rows, int column) {
    Block block;
    PERSONALIZE_UNROLL
    for (int c = 0; c < kB; c++) {
        PERSONALIZE_UNROLL
        for (int r = 0; r < kB; r++) block.at[r][c] = rows[(column + c) * kB + r];
    }
    return block;
}

PERSONALIZE_INLINE void store_block(const Block& block, Lanes* rows, int column) {
    PERSONALIZE_UNROLL
    for (int c = 0; c < kB; c++) {
        PERSONALIZE_UNROLL
        for (int r = 0; r < kB; r++) rows[(column + c) * kB + r] = block.at[r][c];
    }
}

PERSONALIZE_INLINE void subtract_products(Block& block, const Lanes* left, const Lanes* right, int columns) {
    for (int k = 0; k < columns; k++) {
        PERSONALIZE_UNROLL
        for (int r = 0; r < kB; r++) {
            const Lanes factor = left[k * kB + r];
            PERSONALIZE_UNROLL
            for (int c = 0; c < kB; c++) block.at[r][c] -= factor * right[k * kB + c];
        }
    }
}

PERSONALIZE_INLINE void factorize_diagonal(Block& block, const Block& original) {
    PERSONALIZE_UNROLL
    for (int c = 0; c < kB; c++) {
        const Lanes reciprocal = pivot_reciprocal(block.at[c][c], original.at[c][c]);
        block.at[c][c] = reciprocal;
        PERSONALIZE_UNROLL
        for (int r = c + 1; r < kB; r++) block.at[r][c] *= reciprocal;
        PERSONALIZE_UNROLL
        for (int r = c + 1; r < kB; r++) {
            PERSONALIZE_UNROLL
            for (int k = c + 1; k <= r; k++) block.at[r][k] -= block.at[r][c] * block.at[k][c];
        }
    }
}

// block <- block L_jj^-Lanes, L_jj the factorized diagonal block at `diagonal`.
PERSONALIZE_INLINE void solve_block(Block& block, const Lanes* diagonal) {
    PERSONALIZE_UNROLL
    for (int c = 0; c < kB; c++) {
        PERSONALIZE_UNROLL
        for (int r = 0; r < kB; r++) {
            Lanes value = block.at[r][c];
            PERSONALIZE_UNROLL
            for (int k = 0; k < c; k++) value -= block.at[r][k] * diagonal[k * kB + c];
            block.at[r][c] = value * diagonal[c * kB + c];
        }
    }
}

}  // namespace

void factorize(Lanes* matrix, int order) {
    for (int j = 0; j < order; j += kB) {
        Lanes* const pivot_rows = matrix + packed_index(j, 0);
        Block pivot = load_block(pivot_rows, j);
        const Block original = pivot;
        subtract_products(pivot, pivot_rows, pivot_rows, j);
        factorize_diagonal(pivot, original);
        store_block(pivot, pivot_rows, j);
        for (int i = j + kB; i < order; i += kB) {
            Lanes* const rows = matrix + packed_index(i, 0);
            Block block = load_block(rows, j);
            subtract_products(block, rows, pivot_rows, j);
            solve_block(block, pivot_rows + j * kB);
            store_block(block, rows, j);
        }
    }
}

void substitute_forward(const Lanes* factor, int order, Lanes* x, int zeros) {
    for (int i = zeros; i < order; i += kB) {
        const Lanes* const rows = factor + packed_index(i, 0);
        Lanes value[kB];
        PERSONALIZE_UNROLL
        for (int r = 0; r < kB; r++) value[r] = x[i + r];
        for (int k = zeros; k < i; k++) {
            PERSONALIZE_UNROLL
            for (int r = 0; r < kB; r++) value[r] -= rows[k * kB + r] * x[k];
        }
        PERSONALIZE_UNROLL
        for (int r = 0; r < kB; r++) {
            PERSONALIZE_UNROLL
            for (int k = 0; k < r; k++) value[r] -= rows[(i + k) * kB + r] * value[k];
            value[r] *= rows[(i + r) * kB + r];
            x[i + r] = value[r];
        }
    }
}

void substitute_backward(const Lanes* factor, int order, Lanes* x) {
    for (int i = order - kB; i >= 0; i -= kB) {
        const Lanes* const rows = factor + packed_index(i, 0);
        Lanes value[kB];
        PERSONALIZE_UNROLL
        for (int r = kB - 1; r >= 0; r--) {
            value[r] = x[i + r];
            PERSONALIZE_UNROLL
            for (int k = kB - 1; k > r; k--) value[r] -= rows[(i + r) * kB + k] * value[k];
            value[r] *= rows[(i + r) * kB + r];
            x[i + r] = value[r];
        }
        for (int k = 0; k < i; k++) {
            PERSONALIZE_UNROLL
            for (int r = kB - 1; r >= 0; r--) x[k] -= rows[k * kB + r] * value[r];
        }
    }
}

void substitute(const Lanes* factor, int order, Lanes* x) {
    substitute_forward(factor, order, x);
    substitute_backward(factor, order, x);
}

}  // namespace personalize::core
