// Where everything stands in a model image: what writing, opening and checking agree on.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/model/model_image.hpp"

namespace personalize::core {

inline constexpr std::array<char, 8> kImageMagic = {'P', 'Z', 'M', 'O', 'D', 'E', 'L', '\n'};
inline constexpr std::uint32_t kImageFormat = 1;
inline constexpr std::uint32_t kImageByteOrder = 0x01020304;
inline constexpr std::size_t kImageAlignment = 64;

// Every field of fixed width, no implicit padding: the bytes are the format.
struct ImageHeader {
    std::array<char, 8> magic;
    std::uint32_t format, byte_order;
    std::uint64_t total_bytes;
    std::uint64_t body_checksum;  // of all bytes behind the header
    std::int64_t users, items;
    std::uint64_t user_text_bytes, item_text_bytes;  // 0 unless the ids are texts
    std::uint64_t seen_count;
    std::uint8_t user_type, item_type, feedback, weighting;
    std::uint32_t has_positive_from;
    std::int32_t rank;
    float regularization, unobserved_weight, frequency_exponent;
    float positive_from, scale, mean, lowest, highest;
    std::uint32_t reserved;         // 0
    std::uint64_t header_checksum;  // of all bytes before it
};
static_assert(sizeof(ImageHeader) == 128);

// A part of the image: `bytes` from `offset` on.
struct Section {
    std::uint64_t offset = 0, bytes = 0;
};

struct ImageLayout {
    Section user_ids, user_id_bytes;  // integers | nothing, nothing | 16-byte uuids, offsets | texts
    Section item_ids, item_id_bytes;
    Section user_factors, item_factors, base_gram, popularity, popular_order, seen_start, seen_items;
    std::uint64_t total = 0;

    // The header's counts must be in range (see header_of()).
    explicit ImageLayout(const ImageHeader& header) noexcept;
};

std::uint64_t image_checksum(std::span<const std::byte> bytes) noexcept;
std::uint64_t header_checksum(const ImageHeader& header) noexcept;

// Reads and checks the header. Throws CorruptModel; after it the layout lies inside the image.
ImageHeader header_of(std::span<const std::byte> image);

}  // namespace personalize::core
