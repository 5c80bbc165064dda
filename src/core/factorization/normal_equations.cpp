#include "core/factorization/normal_equations.hpp"

#include <algorithm>

#include "core/factorization/gram.hpp"
#include "core/factorization/lane_cholesky.hpp"

namespace personalize::core {

namespace {

// The lower triangles of kLanes Gram sums, each plus shared + ridge I, a lane for each.
void pack_lanes(const float* gram, int order, int unknowns, SharedMatrix shared, Lanes ridge, Lanes* packed) {
    const int n = cholesky_order(unknowns);
    for (int i = 0; i < order; i++) {
        for (int j = 0; gram_kept(i, j); j += kLanes) {
            Lanes v[kLanes];
            PERSONALIZE_UNROLL
            for (int s = 0; s < kLanes; s++) v[s] = load(gram + (s * order + i) * order + j);
            transpose(v);
            for (int l = 0; l < kLanes; l++) {
                const auto [row, column] = gram_element(i, j, l);
                if (row >= n) continue;
                const bool adds = shared.data != nullptr && row < unknowns;
                packed[packed_index(row, column)] =
                    adds ? v[l] + splat(shared.data[row * shared.pitch + column]) : v[l];
            }
        }
    }
    for (int i = 0; i < n; i++) packed[packed_index(i, i)] += ridge;
}

// The upper triangle of one Gram sum plus shared + ridge I.
void fill_dense(const float* gram, int order, int unknowns, SharedMatrix shared, float ridge, float* upper) {
    for (int i = 0; i < order; i += kLanes) {
        for (int j = 0; j < i; j += kLanes) {
            Lanes v[kLanes];
            for (int l = 0; l < kLanes; l++) v[l] = load(gram + (i + l) * order + j);
            transpose(v);
            for (int l = 0; l < kLanes; l++) store(upper + (j + l) * order + i, v[l]);
        }
        for (int k = 0; k <= kLanes / 2; k++) {
            for (int l = 0; l < kLanes; l++) {
                const auto [row, column] = gram_element(i + k, i, l);
                upper[column * order + row] = gram[(i + k) * order + i + l];
            }
        }
    }
    for (int i = 0; i < order; i++) {
        if (shared.data != nullptr && i < unknowns)
            for (int j = i; j < unknowns; j++) upper[i * order + j] += shared.data[i * shared.pitch + j];
        upper[i * order + i] += ridge;
    }
}

// Calls take(j + l, v) with element j + l of kLanes vectors, `order` apart.
template <class Take>
PERSONALIZE_INLINE void for_each_lane_vector(const float* vectors, int order, Take&& take) {
    for (int j = 0; j < order; j += kLanes) {
        Lanes v[kLanes];
        for (int s = 0; s < kLanes; s++) v[s] = load(vectors + s * order + j);
        transpose(v);
        for (int l = 0; l < kLanes; l++) take(j + l, v[l]);
    }
}

// kLanes vectors, `order` apart, to a lane for each, and back.
void to_lanes(const float* vectors, int order, Lanes* x) {
    for_each_lane_vector(vectors, order, [x](int j, Lanes v) { x[j] = v; });
}
void add_lanes(const float* vectors, int order, Lanes* x) {
    for_each_lane_vector(vectors, order, [x](int j, Lanes v) { x[j] += v; });
}
void from_lanes(const Lanes* x, int order, float* vectors) {
    for (int j = 0; j < order; j += kLanes) {
        Lanes v[kLanes];
        for (int l = 0; l < kLanes; l++) v[l] = x[j + l];
        transpose(v);
        for (int s = 0; s < kLanes; s++) store(vectors + s * order + j, v[s]);
    }
}

}  // namespace

std::size_t NormalEquations::memory(int most_unknowns, int count) noexcept {
    const auto order = static_cast<std::size_t>(padded(most_unknowns));
    const std::size_t dense = DenseCholesky::memory(padded(most_unknowns));
    const std::size_t lanes = kLanes * sizeof(float) * packed_size(padded(most_unknowns));
    return static_cast<std::size_t>(count) * sizeof(float) * (order * order + 3 * order) +
           (count == 1 ? dense : lanes);
}

NormalEquations::NormalEquations(int most_unknowns, int count) : count_(count) {
    set_unknowns(most_unknowns);
    const auto order = static_cast<std::size_t>(order_), systems = static_cast<std::size_t>(count);
    gram_ = aligned_floats(systems * order * order);
    rhs_ = aligned_floats(systems * order);
    solution_ = aligned_floats(systems * order);
    if (count == 1) {
        dense_ = DenseCholesky(order_);
    } else {
        packed_ = aligned_floats(systems * packed_size(order_));
        lanes_ = aligned_floats(systems * order);
    }
}

void NormalEquations::set_unknowns(int unknowns) noexcept {
    unknowns_ = unknowns;
    order_ = padded(unknowns);
}

void NormalEquations::solve(SharedMatrix shared, const float (&ridge)[kLanes]) {
    if (count_ == 1)
        solve_dense(shared, ridge[0]);
    else
        solve_lanes(shared, load(ridge));
}

void NormalEquations::solve_dense(SharedMatrix shared, float ridge) {
    fill_dense(gram_.get(), order_, unknowns_, shared, ridge, dense_.upper());
    std::copy_n(rhs_.get(), order_, solution_.get());
    dense_.factorize(order_);
    dense_.substitute(order_, solution_.get());
}

void NormalEquations::solve_lanes(SharedMatrix shared, Lanes ridge) {
    factorize_lanes(shared, ridge);
    to_lanes(rhs_.get(), order_, lanes());
    substitute(packed(), cholesky_order(unknowns_), lanes());
    from_lanes(lanes(), order_, solution_.get());
}

void NormalEquations::factorize_lanes(SharedMatrix shared, Lanes ridge) {
    pack_lanes(gram_.get(), order_, unknowns_, shared, ridge, packed());
    factorize(packed(), cholesky_order(unknowns_));
}

void NormalEquations::whiten(int zeros) {
    to_lanes(rhs_.get(), order_, lanes());
    substitute_forward(packed(), cholesky_order(unknowns_), lanes(), zeros / kCholeskyBlock * kCholeskyBlock);
    from_lanes(lanes(), order_, solution_.get());
}

void NormalEquations::whitened_squares(const Lanes* columns, double (&sums)[kLanes]) {
    const int n = cholesky_order(unknowns_);
    std::fill_n(sums, kLanes, 0.0);
    for (int k = 0; k < unknowns_; k++) {
        const int zeros = k / kCholeskyBlock * kCholeskyBlock;
        std::copy(columns + k * order_ + zeros, columns + k * order_ + n, lanes() + zeros);
        substitute_forward(packed(), n, lanes(), zeros);
        double squares[kLanes] = {};
        for (int j = zeros; j < unknowns_; j++) {
            float x[kLanes];
            store(x, lanes()[j]);
            for (int s = 0; s < kLanes; s++) squares[s] += static_cast<double>(x[s]) * x[s];
        }
        for (int s = 0; s < kLanes; s++) sums[s] += squares[s];
    }
}

void NormalEquations::draw(SharedMatrix shared, const float (&ridge)[kLanes]) {
    factorize_lanes(shared, load(ridge));
    to_lanes(rhs_.get(), order_, lanes());
    substitute_forward(packed(), cholesky_order(unknowns_), lanes());
    add_lanes(solution_.get(), order_, lanes());
    substitute_backward(packed(), cholesky_order(unknowns_), lanes());
    from_lanes(lanes(), order_, solution_.get());
}

}  // namespace personalize::core
