// The header of a model image, and where the sections behind it are. doc/model_format.md describes it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace personalize::core {

inline constexpr std::array<unsigned char, 8> kImageMagic{0x89, 'P', 'R', 'S', 'N', 'L', 'Z', '\n'};
inline constexpr std::uint32_t kImageVersion = 6, kImageByteOrder = 0x01020304;
inline constexpr std::size_t kImageAlignment = 64;

// In the order in which they lie in the image. The values are part of the format: never renumber.
enum Section : std::size_t {
    kUserIds,
    kItemIds,
    kUserFactors,
    kItemFactors,
    kBaseGram,
    kPopularity,
    kPopularOrder,
    kSeenStart,
    kSeenItems,
    kItemOrder,
    kPanelLimits,
    kItemCodes,
    kPanelBounds,
    kNeighbourStart,
    kNeighbours,
    kNeighbourWeights,
    kSeenValues,
    kItemOffsets,
    kPosterior,
    kPostingStart,
    kPostings,
    kPostingWeights,
    kTerms,
    kPayload,
    kSections
};

struct SectionPlace {
    std::uint64_t offset = 0, size = 0;  // bytes, from the start of the image
};

struct ImageHeader {
    std::array<unsigned char, 8> magic = kImageMagic;
    std::uint32_t version = kImageVersion;
    std::uint32_t byte_order = kImageByteOrder;
    std::uint32_t header_size = sizeof(ImageHeader);
    std::uint32_t section_count = kSections;
    std::uint64_t image_size = 0;
    std::uint64_t content_checksum = 0;  // of everything behind the header
    std::uint64_t header_checksum = 0;   // of the header with this field zero
    std::int64_t users = 0, items = 0;
    std::int32_t rank = 0;
    std::uint8_t feedback = 0, weighting = 0, has_positive_from = 0;  // enums of feedback.hpp
    std::uint8_t user_id_type = 0, item_id_type = 0;                  // IdType
    std::uint8_t kind = 0;                                            // ModelKind
    std::array<std::uint8_t, 2> reserved{};
    float regularization = 0, unobserved_weight = 0, frequency_exponent = 0;
    float positive_from = 0, scale = 0, mean = 0, lowest = 0, highest = 0;
    std::uint32_t posterior_samples = 0;  // of Gibbs sampling; else 0
    double half_life = 0, newest = 0;     // FeedbackRule
    std::array<SectionPlace, kSections> sections{};
    std::array<std::uint64_t, 16> room{};  // for eight more
};
static_assert(sizeof(ImageHeader) == 640 && sizeof(ImageHeader) % kImageAlignment == 0 &&
              offsetof(ImageHeader, rank) == 64 && offsetof(ImageHeader, sections) == 128);

constexpr std::uint64_t aligned(std::uint64_t offset) {
    return (offset + kImageAlignment - 1) / kImageAlignment * kImageAlignment;
}

std::uint64_t header_checksum(ImageHeader header) noexcept;

// The header, after everything has been checked that it alone can show: that it is whole, that scalars and
// counts are in range, and that the sections follow one another, fill the image, and have the sizes that the
// counts ask for. Throws CorruptModel.
ImageHeader read_image_header(std::span<const std::byte> image);

}  // namespace personalize::core
