// The models that a hybrid is made of, as they lie in the payload of its image. doc/model_format.md describes
// it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/model/model_image.hpp"
#include "core/runtime/bulk_memory.hpp"

namespace personalize::core {

inline constexpr std::int64_t kMostComponents = 16;

// Views: of an image, or of what a hybrid is being made from.
struct Component {
    std::string_view name;
    float weight;  // >= 0
    std::span<const std::byte> image;
    std::span<const std::int32_t> items;  // of each of its items the index in the hybrid, ascending
    std::span<const std::int32_t> users;  // of each of the hybrid's users its own index, or kNotFound
    ModelParts parts;                     // open_model_image(image)
    // Of a model of factors: row_moments() of its items (score_moments.hpp); else empty.
    std::span<const double> moments = {};
};

BulkVector<std::byte> lay_out_components(std::span<const Component> components);
std::size_t moments_size(const ModelParts& parts) noexcept;  // of a component's moments
// Other weights in such a payload, one for each component.
void put_weights(std::span<std::byte> payload, std::span<const float> weights) noexcept;
std::size_t components_size(std::span<const Component> components) noexcept;  // of such a payload

// O(number of components). Throws CorruptModel where a component lies outside of the payload, has the wrong
// size for a hybrid with so many users, cannot be opened, or is a hybrid or of segments itself.
std::vector<Component> open_components(std::span<const std::byte> payload, std::int64_t users);

// Everything besides: check_model_image() of each, that indexes are in range and moments are finite.
// Throws CorruptModel.
void check_components(std::span<const std::byte> payload, std::int64_t users, std::int64_t items,
                      Feedback feedback);

}  // namespace personalize::core
