// The nearest neighbours of items by who rated them, or of users by what they rated.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/ratings/sparse_matrix.hpp"
#include "core/runtime/host.hpp"

namespace personalize::core::knn {

// Of rows a and b of values v_ar, n_a of them, by rater r; sums over raters r of both. Where
// `all_are_members` is false, jaccard, cooccurrence and rp3beta look at entries above 0 only.
enum class Similarity : std::uint8_t {
    cosine,           // sum v_ar v_br / (|v_a| |v_b|)
    pearson,          // correlation of v_ar - mean_a and v_br - mean_b (Sarwar et al. 2001, section 3.1.2)
    adjusted_cosine,  // cosine of v_ar - mean_r and v_br - mean_r over common raters (ibid., section 3.1.3)
    jaccard,          // n_ab / (n_a + n_b - n_ab)
    cooccurrence,     // n_ab, or the sum of squared weights of common raters
    rp3beta,  // sum_r n_r^-alpha n_b^-beta, then divided by the sum of the row's neighbours: Paudel et
              // al. 2017, "Updatable, Accurate, Diverse, and Scalable Recommendations", eq. 8
};

// What a rater's values are multiplied by, n_r being how many rows they rated of N.
enum class UserWeighting : std::uint8_t {
    none,
    activity,  // 1 / sqrt(n_r)
    idf,       // log(N / n_r), at least log(2)
    bm25,      // idf (k1 + 1) / (|v| + k1 (1 - b + b n_r / mean n)), k1 1.2, b .75: the rater as a document
};

struct Options {
    Similarity similarity = Similarity::cosine;
    int neighbours = 50;                                 // of each row, at least 1
    float shrinkage = 0;                                 // s >= 0: similarity times n_ab / (n_ab + s)
    UserWeighting user_weighting = UserWeighting::none;  // of cosine and cooccurrence
    float alpha = .6f, beta = .2f;                       // rp3beta
    bool all_are_members = false;
    int threads = 1;
};

// Row a of the result: the neighbours b of highest similarity, equal ones by index, columns ascending; only
// those of similarity above 0. `by_column` is the transpose of `by_row`. The same bits for any number of
// threads. Sums are in float. Throws what host.poll() throws.
SparseMatrix train(const SparseMatrix& by_row, const SparseMatrix& by_column, const Options& options,
                   Host& host);

// Bytes that train() allocates, its result included.
std::size_t memory(std::int64_t rows, std::int64_t raters, std::int64_t nonzeros,
                   const Options& options) noexcept;

}  // namespace personalize::core::knn
