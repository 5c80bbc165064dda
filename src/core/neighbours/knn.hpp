// Neighbourhood models: for each entity the others that are most like it. Items are compared by their users,
// or, with the arguments swapped, users by their items.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/ratings/sparse_matrix.hpp"
#include "core/runtime/host.hpp"

namespace personalize::core::knn {

// What makes entities i and j alike. Sums run over the raters u that i and j have in common, n_ij of them;
// v_ui is the value of u for i. The values of these enums are stored in models: never renumber.
// - cosine: sum v_ui v_uj / (|v_i| |v_j|), lengths over all raters of each;
// - pearson: sum d_ui d_uj / sqrt(sum d_ui^2 sum d_uj^2), d the deviation from the entity's mean over all of
// its
//   raters (Resnick et al. 1994; Sarwar et al. 2001, section 3.1.2);
// - adjusted_cosine: the same with the deviation from the rater's mean (Sarwar et al. 2001, section 3.1.3);
// - jaccard: n_ij / (n_i + n_j - n_ij);
// - cooccurrence: n_ij;
// - rp3beta: with i the row and j its neighbour, |U_i|^-alpha |U_j|^-beta sum |I_u|^-alpha (Paudel et al.
// 2017;
//   Christoffel et al. 2015): three steps of a random walk. The best are chosen, then a row is divided by its
//   sum.
enum class Similarity : std::uint8_t {
    cosine = 0,
    pearson = 1,
    adjusted_cosine = 2,
    jaccard = 3,
    cooccurrence = 4,
    rp3beta = 5
};

// Whether it counts only who rated, not what they said.
constexpr bool knows_members_only(Similarity similarity) noexcept {
    return similarity == Similarity::jaccard || similarity == Similarity::cooccurrence ||
           similarity == Similarity::rp3beta;
}

// What a rater with n_u of the n entities is worth: v_ui is multiplied by
// - activity: 1 / sqrt(n_u);
// - idf: log(n / n_u), so one who has everything says nothing;
// - bm25: (k1 + 1) / (|v_ui| + k1 (1 - b + b n_u / mean of n_u)), k1 = 1.2, b = .75, the mean over raters
// with
//   any. The rater is the document and its entities are the terms; their inverse document frequency is left
//   out, as a factor of a whole entity changes no cosine.
// Deviations are multiplied after they are taken. Jaccard and co-occurrence have v_ui = 1, so that a rater
// counts as the square of that factor. rp3beta has alpha in its place.
enum class UserWeighting : std::uint8_t { none = 0, activity = 1, idf = 2, bm25 = 3 };

struct Options {
    Similarity similarity = Similarity::cosine;
    int neighbours = 50;  // >= 1: kept for each entity
    // >= 0: similarities are multiplied by n_ij / (n_ij + shrinkage), so that few common raters say little.
    float shrinkage = 0;
    UserWeighting user_weighting = UserWeighting::none;
    float alpha = .6f, beta = .2f;  // >= 0: of rp3beta, how much activity and popularity are damped
    int threads = 1;
};

// Throws InvalidInput where they are out of range or do not go together.
void check(const Options& options);

// `by_row` has the entities that are compared as rows and their raters as columns; `by_column` is its
// transpose; values are finite. Returns entities x entities: row j has the `neighbours` entities i of
// greatest weight, of equal weight those of smaller index, never j; the value is the weight with which j
// speaks for i, so that a score is
//   score_ui = sum over the entities j of u of v_uj W[j][i].
// Weights that are zero or negative are left out, for explicit feedback too, and those below 1.2e-38. Pairs
// are summed in double and a weight is rounded to float once; deviations and what bm25 makes of values are
// rounded to float before. Time: half of the sum over raters of n_u^2 additions. No thread count changes a
// bit.
//
// Throws InvalidInput (options out of range), what host.poll() throws.
SparseMatrix train(const SparseMatrix& by_row, const SparseMatrix& by_column, const Options& options,
                   Host& host);

// Bytes that train() allocates at most, its result included: about 12 for an entry of the matrix, 16 for a
// neighbour, and a row of sums for each thread.
std::size_t memory(const SparseMatrix& by_row, const SparseMatrix& by_column,
                   const Options& options) noexcept;

}  // namespace personalize::core::knn
