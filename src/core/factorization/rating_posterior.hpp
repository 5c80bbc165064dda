// What samples of a Bayesian matrix factorization say of a rating: a mean and a deviation, from the ratings
// that a user has now.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "core/factorization/explain.hpp"
#include "core/factorization/factors.hpp"

namespace personalize::core {

// S samples of d factors. Sample s says: a user's factors x_s are N(n_s, P_s^-1) and their ratings x_s . y_s
// plus noise N(0, e_s^2 / a), where the user's own a is gamma distributed with shape and rate v_s / 2; the
// items' factors y_s have the mean m_s. Rows of factors are as factors.hpp says, with S d factors and biases:
//   item ((y_1 - m_1), ..., (y_S - m_S), (1 / S) sum_s n_s . y_s, 1)
//   user ((x_1 - n_1) / S, ..., (x_S - n_S) / S, 1, (1 / S) sum_s (x_s - n_s) . m_s)
// Their dot product is the mean of the predictions x_s . y_s; an item's bias is what is predicted for a user
// of whom nothing is known.
struct PosteriorView {
    int rank = 0, samples = 0;
    // Per sample: e, v, n (d), m (d), P (lower triangle by rows, d (d + 1) / 2).
    const float* parameters = nullptr;

    int width() const noexcept { return rank * samples + 2; }
};

// Of the parameters of a sample.
constexpr std::size_t posterior_floats(int rank) noexcept {
    const auto d = static_cast<std::size_t>(rank);
    return 2 + 2 * d + d * (d + 1) / 2;
}

// What is wrong with parameters that claim to be such; null: nothing.
const char* wrong_with_posterior(PosteriorView posterior) noexcept;

// Of a single rating, and not clipped to the range of ratings.
struct RatingDistribution {
    float mean, deviation;
};

// Keeps its scratch memory, so that a call allocates nothing.
class PosteriorFoldIn {
  public:
    // Copies the parameters. Throws CorruptModel where wrong_with_posterior() says why.
    static std::unique_ptr<PosteriorFoldIn> of(PosteriorView posterior);
    virtual ~PosteriorFoldIn() = default;

    // The mean of a user's row given their ratings, with the items fixed: what gibbs::train() stores, to the
    // bit. Per sample, x and a by variational updates of each given the other (a = 1 at first, a fixed number
    // of them), exact for x given a. items[k] and values[k] (encoded, feedback.hpp): items ascending without
    // repeats; none is a user of whom nothing is known. out: padded(width()) floats.
    virtual void solve(FactorsView factors, std::span<const std::int32_t> items,
                       std::span<const float> values, float* out) = 0;

    // What the user of the last solve() would rate this item, as a deviation: the mean is the dot product of
    // the rows; the variance is that between the samples' means, plus the means of y_s . Cov(x_s) y_s and of
    // the noise.
    virtual RatingDistribution predict(FactorsView factors, std::int32_t item) = 0;

    // What each of the ratings of the last solve(), which are given again, adds to that mean: y_s . A_s^-1
    // times what the rating adds to A_s (x_s - n_s), over the samples. The baseline is what is predicted for
    // a user of whom nothing is known.
    virtual Explanation explain(FactorsView factors, std::span<const std::int32_t> items,
                                std::span<const float> values, std::int32_t item) = 0;

    static std::size_t memory(int rank, int samples) noexcept;  // bytes
};

}  // namespace personalize::core
