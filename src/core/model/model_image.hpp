// The bytes of a trained model: what model_block rows hold, cut into pieces, and what a cache file maps.
//
// A header, then sections in a fixed order, each 64-byte aligned, all in the machine's own (little-endian)
// representation. doc/model_format.md describes every field.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/factorization/factors.hpp"
#include "core/factorization/objective.hpp"
#include "core/factorization/rating_posterior.hpp"
#include "core/ranking/item_index.hpp"
#include "core/ratings/feedback.hpp"
#include "core/ratings/ids.hpp"
#include "core/ratings/seen_items.hpp"
#include "core/runtime/bulk_memory.hpp"

namespace personalize::core {

// What a model scores by. The values are stored in models: never renumber.
enum class ModelKind : std::uint8_t {
    factors = 0,
    item_neighbours = 1,
    user_neighbours = 2,
    content = 3,
    hybrid = 4,
    segments = 5
};

// What a model is made of; what its kind does not have is empty. Spans and views belong to whoever made them
// (training, or a mapped image).
struct ModelParts {
    Objective objective;  // rank 0 where the kind has no factors
    FeedbackRule rule;
    IdView users, items;
    FactorsView user_factors, item_factors;
    std::span<const float> base_gram;   // fold_in.hpp; empty for explicit models
    std::span<const float> popularity;  // per item: users who like it (implicit) or rated it (explicit)
    std::span<const std::int32_t> popular_order;  // items by popularity, highest first; ties by index
    SeenItems seen;
    // Of Gibbs sampling: users are folded in by these, not by the objective, which is of no use then.
    PosteriorView posterior = {};   // samples 0: none
    ItemIndexView item_index = {};  // of parts of an image only; writing one makes it

    ModelKind kind = ModelKind::factors;
    // Models of neighbours. Row j: the neighbours of item j, with the weight with which j speaks for them.
    // Models of content: the terms of item j, with their weights.
    SparseView neighbours = {};
    // Encoded ratings of seen items, of the k-th of user u at seen.start()[u] + k, zeros between; empty:
    // every one is 1.
    std::span<const float> seen_values = {};
    std::span<const float> item_offsets = {};  // explicit: by how much an item's ratings are above the mean

    // Another sparse matrix by rows, with what its rows stand for. Models of content: the transpose of
    // neighbours. Neighbours of users: the users who rated each item (nearest_users.hpp).
    SparseView postings = {};
    IdView terms = {};                        // texts, one for each row of postings; of content only
    std::span<const std::byte> payload = {};  // what a kind lays out itself: segments (segment_model.hpp)

    float offset() const noexcept { return rule.feedback == Feedback::explicit_feedback ? rule.mean : 0; }
};

struct Ratings;
// What every kind that is trained on ratings has, but for factors; `ratings` and the others outlive it.
ModelParts parts_without_factors(ModelKind kind, const FeedbackRule& rule, const Ratings& ratings,
                                 std::span<const float> popularity,
                                 std::span<const std::int32_t> popular_order, SeenItems seen);

// For popularity: users per item, those who like it or who rated it. `by_user` is encoded.
std::vector<float> count_popularity(const SparseMatrix& by_user, Feedback feedback);
// Ranks items for popular_order.
std::vector<std::int32_t> order_by_popularity(std::span<const float> popularity);

using ModelBytes = BulkVector<std::byte>;  // at a 64-byte boundary

// Bytes that write_model_image() allocates and fills: equal parts give equal bytes. There is at least one
// user and one item (none of either with segments), and the stride of factors is padded(width).
// Writing takes 16 bytes for each item besides.
std::size_t model_image_size(const ModelParts& parts) noexcept;
ModelBytes write_model_image(const ModelParts& parts);

// XXH64 of everything behind the header, as the header states it. Throws CorruptModel as open_model_image()
// does.
std::uint64_t stated_checksum(std::span<const std::byte> image);
// Whether the header is whole and states this checksum.
bool states_checksum(std::span<const std::byte> image, std::uint64_t checksum);

// Views into `image` (64-byte aligned, alive as long as the parts are used). O(1): reads the header only, and
// checks it against its own checksum, that options and counts are in range, and that every section lies
// inside and has the size that the counts ask for. For an image that check_model_image() has passed before.
// Throws CorruptModel.
ModelParts open_model_image(std::span<const std::byte> image);

// Everything that open_model_image() checks, and the contents, so that no edited image can lead to a read
// outside of it: checksum, ids strictly ascending, text offsets in order, factors finite (and small enough
// that no dot product overflows) with their constant columns and padding, popularity, popular order and seen
// items in range and ordered, the index of items right for their factors. Throws CorruptModel that says what
// is wrong ("its items' ids are not in order").
void check_model_image(std::span<const std::byte> image);

// write_model_image() of what a training made, which may be no model that can be served where ratings are
// huge: throws InvalidInput that says what check_model_image() finds wrong.
ModelBytes write_servable_image(const ModelParts& parts);

}  // namespace personalize::core
