#include "core/factorization/cholesky.hpp"

namespace personalize::core {

namespace {

constexpr int kB = kCholeskyBlock;
constexpr float kSmallestPivot = 1e-6f;  // of the diagonal element

template <class T>
struct Block {
    T at[kB][kB];  // [row][column]
};

template <class T>
PERSONALIZE_INLINE Block<T> load_block(const T* rows, int column) {
    Block<T> block;
    PERSONALIZE_UNROLL
    for (int c = 0; c < kB; c++) {
        PERSONALIZE_UNROLL
        for (int r = 0; r < kB; r++) block.at[r][c] = rows[(column + c) * kB + r];
    }
    return block;
}

template <class T>
PERSONALIZE_INLINE void store_block(const Block<T>& block, T* rows, int column) {
    PERSONALIZE_UNROLL
    for (int c = 0; c < kB; c++) {
        PERSONALIZE_UNROLL
        for (int r = 0; r < kB; r++) rows[(column + c) * kB + r] = block.at[r][c];
    }
}

template <class T>
PERSONALIZE_INLINE void subtract_products(Block<T>& block, const T* left, const T* right, int columns) {
    for (int k = 0; k < columns; k++) {
        PERSONALIZE_UNROLL
        for (int r = 0; r < kB; r++) {
            const T factor = left[k * kB + r];
            PERSONALIZE_UNROLL
            for (int c = 0; c < kB; c++) block.at[r][c] -= factor * right[k * kB + c];
        }
    }
}

template <class T>
PERSONALIZE_INLINE void factorize_diagonal(Block<T>& block, const Block<T>& original) {
    PERSONALIZE_UNROLL
    for (int c = 0; c < kB; c++) {
        const T reciprocal = 1 / square_root(at_least(block.at[c][c], original.at[c][c] * kSmallestPivot));
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

// block <- block L_jj^-T, L_jj the factorized diagonal block at `diagonal`.
template <class T>
PERSONALIZE_INLINE void solve_block(Block<T>& block, const T* diagonal) {
    PERSONALIZE_UNROLL
    for (int c = 0; c < kB; c++) {
        PERSONALIZE_UNROLL
        for (int r = 0; r < kB; r++) {
            T value = block.at[r][c];
            PERSONALIZE_UNROLL
            for (int k = 0; k < c; k++) value -= block.at[r][k] * diagonal[k * kB + c];
            block.at[r][c] = value * diagonal[c * kB + c];
        }
    }
}

template <class T>
PERSONALIZE_INLINE void factorize_packed(T* matrix, int order) {
    for (int j = 0; j < order; j += kB) {
        T* const pivot_rows = matrix + packed_index(j, 0);
        Block<T> pivot = load_block(pivot_rows, j);
        const Block<T> original = pivot;
        subtract_products(pivot, pivot_rows, pivot_rows, j);
        factorize_diagonal(pivot, original);
        store_block(pivot, pivot_rows, j);
        for (int i = j + kB; i < order; i += kB) {
            T* const rows = matrix + packed_index(i, 0);
            Block<T> block = load_block(rows, j);
            subtract_products(block, rows, pivot_rows, j);
            solve_block(block, pivot_rows + j * kB);
            store_block(block, rows, j);
        }
    }
}

template <class T>
PERSONALIZE_INLINE void substitute_forward(const T* factor, int order, T* x) {
    for (int i = 0; i < order; i += kB) {
        const T* const rows = factor + packed_index(i, 0);
        T value[kB];
        PERSONALIZE_UNROLL
        for (int r = 0; r < kB; r++) value[r] = x[i + r];
        for (int k = 0; k < i; k++) {
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

template <class T>
PERSONALIZE_INLINE void substitute_backward(const T* factor, int order, T* x) {
    for (int i = order - kB; i >= 0; i -= kB) {
        const T* const rows = factor + packed_index(i, 0);
        T value[kB];
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

}  // namespace

void factorize(float* matrix, int order) { factorize_packed(matrix, order); }
void factorize(Lanes* matrix, int order) { factorize_packed(matrix, order); }

void substitute(const float* factor, int order, float* x) {
    substitute_forward(factor, order, x);
    substitute_backward(factor, order, x);
}
void substitute(const Lanes* factor, int order, Lanes* x) {
    substitute_forward(factor, order, x);
    substitute_backward(factor, order, x);
}

}  // namespace personalize::core
