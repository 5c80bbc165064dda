#include "core/model/image_layout.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <string>

#include "core/factorization/fold_in.hpp"
#include "core/runtime/error.hpp"

namespace personalize::core {

namespace {

class Placer {
  public:
    Section next(std::uint64_t bytes) noexcept {
        const Section section{end_, bytes};
        end_ = (end_ + bytes + kImageAlignment - 1) / kImageAlignment * kImageAlignment;
        return section;
    }
    std::uint64_t end() const noexcept { return end_; }

  private:
    std::uint64_t end_ = (sizeof(ImageHeader) + kImageAlignment - 1) / kImageAlignment * kImageAlignment;
};

std::uint64_t fixed_id_bytes(std::uint8_t type, std::uint64_t count) noexcept {
    if (type == static_cast<std::uint8_t>(IdType::integer)) return count * sizeof(std::int64_t);
    if (type == static_cast<std::uint8_t>(IdType::text)) return (count + 1) * sizeof(std::uint64_t);
    return 0;
}

std::uint64_t pooled_id_bytes(std::uint8_t type, std::uint64_t count, std::uint64_t text_bytes) noexcept {
    return type == static_cast<std::uint8_t>(IdType::uuid) ? count * kUuidBytes : text_bytes;
}

void require(bool condition, const char* what) {
    if (!condition) throw CorruptModel(what);
}

bool is_id_type(std::uint8_t type) noexcept {
    return type >= static_cast<std::uint8_t>(IdType::integer) &&
           type <= static_cast<std::uint8_t>(IdType::text);
}

bool positive(float x) noexcept { return std::isfinite(x) && x > 0; }

void check_counts(const ImageHeader& h) {
    require(is_id_type(h.user_type) && is_id_type(h.item_type), "its header names an unknown type of ids");
    require(h.users >= 1 && h.users <= kMaxIds && h.items >= 1 && h.items <= kMaxIds,
            "its header states impossible numbers of users or items");
    require(h.rank >= kMinRank && h.rank <= kMaxRank, "its header states an impossible number of factors");
    constexpr auto kText = static_cast<std::uint8_t>(IdType::text);
    require(
        (h.user_type == kText || h.user_text_bytes == 0) && (h.item_type == kText || h.item_text_bytes == 0),
        "its header states texts for ids that are none");
    require(h.user_text_bytes <= h.total_bytes && h.item_text_bytes <= h.total_bytes &&
                h.seen_count <= h.total_bytes / sizeof(std::int32_t),
            "its header states parts that are larger than the whole");
}

void check_options(const ImageHeader& h) {
    require(h.feedback <= 1 && h.weighting <= 2 && h.has_positive_from <= 1 && h.reserved == 0,
            "its header has options that do not exist");
    require(positive(h.regularization) && std::isfinite(h.frequency_exponent) && h.frequency_exponent >= 0 &&
                h.frequency_exponent <= 2,
            "its header has a regularization out of range");
    require(
        h.feedback == static_cast<std::uint8_t>(Feedback::explicit_feedback) || positive(h.unobserved_weight),
        "its header has an unobserved weight out of range");
    require(positive(h.scale) && std::isfinite(h.positive_from) && std::isfinite(h.mean) &&
                std::isfinite(h.lowest) && std::isfinite(h.highest) && h.lowest <= h.highest,
            "its header has a scale of ratings out of range");
}

}  // namespace

ImageLayout::ImageLayout(const ImageHeader& h) noexcept {
    const auto users = static_cast<std::uint64_t>(h.users), items = static_cast<std::uint64_t>(h.items);
    Objective objective;
    objective.feedback = static_cast<Feedback>(h.feedback);
    objective.rank = h.rank;
    const std::uint64_t row = static_cast<std::uint64_t>(padded(objective.width())) * sizeof(float);
    Placer place;
    user_ids = place.next(fixed_id_bytes(h.user_type, users));
    user_id_bytes = place.next(pooled_id_bytes(h.user_type, users, h.user_text_bytes));
    item_ids = place.next(fixed_id_bytes(h.item_type, items));
    item_id_bytes = place.next(pooled_id_bytes(h.item_type, items, h.item_text_bytes));
    user_factors = place.next(users * row);
    item_factors = place.next(items * row);
    base_gram = place.next(objective.has_biases() ? 0 : base_gram_floats(h.rank) * sizeof(float));
    popularity = place.next(items * sizeof(float));
    popular_order = place.next(items * sizeof(std::int32_t));
    seen_start = place.next((users + 1) * sizeof(std::int64_t));
    seen_items = place.next(h.seen_count * sizeof(std::int32_t));
    total = place.end();
}

// Four lanes of multiply and rotate, so that the multiplier is never waited for.
std::uint64_t image_checksum(std::span<const std::byte> bytes) noexcept {
    constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15ull, kOther = 0xC2B2AE3D27D4EB4Full;
    std::uint64_t lane[4] = {kOdd, kOther, ~kOdd, ~kOther};
    const std::byte* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= sizeof lane; left -= sizeof lane, at += sizeof lane)
        for (int l = 0; l < 4; l++) {
            std::uint64_t word;
            std::memcpy(&word, at + l * sizeof word, sizeof word);
            lane[l] = std::rotl(lane[l] ^ (word * kOther), 29) * kOdd;
        }
    std::uint64_t sum = bytes.size() * kOther;
    for (const std::uint64_t l : lane) sum = (std::rotl(sum, 17) ^ l) * kOdd;
    for (; left > 0; left--, at++) sum = (std::rotl(sum, 11) ^ static_cast<std::uint64_t>(*at)) * kOther;
    return sum ^ (sum >> 32);
}

std::uint64_t header_checksum(const ImageHeader& header) noexcept {
    return image_checksum(std::as_bytes(std::span(&header, 1)).first(offsetof(ImageHeader, header_checksum)));
}

ImageHeader header_of(std::span<const std::byte> image) {
    require(image.size() >= sizeof(ImageHeader), "it is shorter than a header");
    require(reinterpret_cast<std::uintptr_t>(image.data()) % kImageAlignment == 0, "it is not aligned");
    ImageHeader header;
    std::memcpy(&header, image.data(), sizeof header);
    require(header.magic == kImageMagic, "it does not begin as a model does");
    require(header.byte_order == kImageByteOrder, "it comes from a machine with another byte order");
    if (header.format != kImageFormat)
        throw CorruptModel("its format is " + std::to_string(header.format) + ", and this version reads " +
                           std::to_string(kImageFormat));
    require(header.header_checksum == header_checksum(header), "the checksum of its header is wrong");
    require(header.total_bytes == image.size(), "it has not the size that its header states");
    check_counts(header);
    check_options(header);
    require(ImageLayout(header).total == image.size(), "its parts do not add up to its size");
    return header;
}

}  // namespace personalize::core
