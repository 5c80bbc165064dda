// The users who are most like someone, by what they rated: found when they are asked for, in lists of raters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/neighbours/knn.hpp"
#include "core/ranking/top_k.hpp"
#include "core/ratings/sparse_matrix.hpp"
#include "core/runtime/host.hpp"

namespace personalize::core::knn {

// Users are compared as knn.hpp says, with users as entities and items as their raters: UserWeighting then
// weighs items, by how many users rated them. cosine, pearson, jaccard and cooccurrence.
struct UserIndex {
    Options options;
    // Postings that are read to find the neighbours of one who asks, at most: they are compared by those of
    // their items that fewest have rated, of equally many the smaller indexes, at least one. 0: by all.
    std::int64_t most_postings = 0;
    bool likes_only = false;  // what is not positive does not count: members of implicit feedback
    // Row i: the users who rated item i, and what their ratings count as; no values: 1 each.
    SparseView postings = {};
    // What item i is worth: a factor of deviations (pearson) or of products, with bm25 of values what is
    // added to |v| in the denominator. What the sums of user v are scaled by: 1 / |v| (cosine), the sum of
    // squares (jaccard), else 1.
    std::span<const float> item_weights = {}, user_scales = {};
};

// The same, by itself.
struct UserIndexParts {
    SparseMatrix postings;
    std::vector<float> item_weights, user_scales;
};

// `by_user`: encoded, without what does not count. Throws InvalidInput (options out of range, a similarity
// that compares items only), what host.poll() throws.
UserIndexParts index_users(const SparseMatrix& by_user, const Options& options, Host& host);
std::size_t index_users_memory(const SparseMatrix& by_user) noexcept;  // bytes, most of them the result's

// One who asks, by their ratings: items ascending, values encoded.
struct Asker {
    std::vector<std::int32_t> items;  // by which they are compared
    std::vector<float> values;        // what is multiplied with the value of a posting
    float scale = 1;                  // as user_scales
};
Asker asker(const UserIndex& index, std::span<const std::int32_t> items, std::span<const float> values);

// The k users of highest similarity above 0, best first, of equal ones the smaller index; `self` (-1: none)
// is left out. In float; as long as the postings of the asker's items are, and a step for each user.
std::vector<Scored> nearest_users(const UserIndex& index, const Asker& asker, std::int32_t self, int k);
std::size_t nearest_users_memory(std::int64_t users) noexcept;

// Of the k-th of the asker's items: its product in the similarity with `user`; 0 where they did not rate it.
double product_with(const UserIndex& index, const Asker& asker, std::size_t k, std::int32_t user) noexcept;

}  // namespace personalize::core::knn
