// What a model of users' neighbours lays out itself, in the payload of its image. doc/model_format.md
// describes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/neighbours/knn.hpp"
#include "core/ratings/feedback.hpp"
#include "core/runtime/bulk_memory.hpp"

namespace personalize::core {

// Views.
struct UserNeighbourPayload {
    knn::Options options;                              // without threads
    std::int64_t most_postings = 0;                    // nearest_users.hpp; so are
    std::span<const float> item_weights, user_scales;  // nearest_users.hpp
    std::span<const float> item_lengths;               // of what the users say of each item, as a vector
    std::span<const float> user_offsets;               // explicit: NeighbourRecommender's b_u
};

BulkVector<std::byte> lay_out_user_neighbours(const UserNeighbourPayload& parts);
std::size_t user_neighbours_size(std::int64_t users, std::int64_t items, Feedback feedback) noexcept;

// O(1). Throws CorruptModel where the size is another or an option is out of range.
UserNeighbourPayload open_user_neighbours(std::span<const std::byte> payload, std::int64_t users,
                                          std::int64_t items, Feedback feedback);

}  // namespace personalize::core
