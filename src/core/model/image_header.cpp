#include "core/model/image_header.hpp"

#include <cmath>
#include <cstring>
#include <string>

#include "core/factorization/factors.hpp"
#include "core/factorization/fold_in.hpp"
#include "core/factorization/objective.hpp"
#include "core/model/checksum.hpp"
#include "core/model/model_image.hpp"
#include "core/model/user_neighbour_payload.hpp"
#include "core/ranking/item_index.hpp"
#include "core/ratings/feedback.hpp"
#include "core/ratings/ids.hpp"
#include "core/runtime/error.hpp"

namespace personalize::core {

namespace {

constexpr float kMaxFrequencyExponent = 2;

void check(bool holds, const char* what_is_wrong) {
    if (!holds) throw CorruptModel(what_is_wrong);
}

// What tells another kind of file, another machine or another release from damage comes first.
void check_is_readable(const ImageHeader& header) {
    check(header.magic == kImageMagic, "it does not begin as a model does");
    check(header.byte_order == kImageByteOrder, "it was written by a machine of another byte order");
    if (header.version != kImageVersion)
        throw CorruptModel("its format version is " + std::to_string(header.version) + ", not " +
                               std::to_string(kImageVersion),
                           "Train the model again with this version of the extension.");
    check(header_checksum(header) == header.header_checksum, "the checksum of its header is wrong");
}

bool is_explicit(const ImageHeader& header) noexcept {
    return header.feedback == static_cast<std::uint8_t>(Feedback::explicit_feedback);
}

bool is_kind(const ImageHeader& header, ModelKind kind) noexcept {
    return header.kind == static_cast<std::uint8_t>(kind);
}

bool has_segments(const ImageHeader& header) noexcept { return is_kind(header, ModelKind::segments); }

bool has_user_neighbours(const ImageHeader& header) noexcept {
    return is_kind(header, ModelKind::user_neighbours);
}

bool has_factors(const ImageHeader& header) noexcept { return is_kind(header, ModelKind::factors); }

bool is_content(const ImageHeader& header) noexcept { return is_kind(header, ModelKind::content); }

void check_objective(const ImageHeader& header) {
    check(header.rank >= kMinRank && header.rank <= kMaxRank, "its number of factors is out of range");
    const bool is_regularized = header.posterior_samples == 0;
    check(std::isfinite(header.regularization) && (header.regularization > 0) == is_regularized,
          "its regularization is not positive");
    check(std::isfinite(header.unobserved_weight) && header.unobserved_weight >= 0 &&
              (header.unobserved_weight > 0 || is_explicit(header)),
          "its unobserved weight is not positive");
    check(header.frequency_exponent >= 0 && header.frequency_exponent <= kMaxFrequencyExponent,
          "its frequency exponent is out of range");
}

void check_scalars(const ImageHeader& header) {
    check(has_factors(header) || is_kind(header, ModelKind::item_neighbours) || has_user_neighbours(header) ||
              is_content(header) || is_kind(header, ModelKind::hybrid) || has_segments(header),
          "its kind is unknown");
    check(header.feedback <= static_cast<std::uint8_t>(Feedback::explicit_feedback),
          "its kind of feedback is unknown");
    check(header.weighting <= static_cast<std::uint8_t>(Weighting::log), "its weighting is unknown");
    check(header.has_positive_from <= 1 && !std::isnan(header.positive_from),
          "its positive_from is not a number");
    if (has_factors(header))
        check_objective(header);
    else
        check(header.rank == 0, "it has no factors, but a number of them");
    check(std::isfinite(header.scale) && header.scale > 0, "its scale of ratings is not positive");
    check(std::isfinite(header.mean), "its mean rating is not finite");
    check(std::isfinite(header.half_life) && header.half_life >= 0 && std::isfinite(header.newest),
          "its half-life of ratings is negative or not finite");
    check(std::isfinite(header.lowest) && std::isfinite(header.highest) && header.lowest <= header.highest,
          "its range of ratings is empty");
}

void check_counts(const ImageHeader& header) {
    const std::int64_t least = has_segments(header) ? 0 : 1, most = has_segments(header) ? 0 : kMaxIds;
    check(header.users >= least && header.users <= most, "its number of users is out of range");
    check(header.items >= least && header.items <= most, "its number of items is out of range");
    for (const auto type : {header.user_id_type, header.item_id_type})
        check(type >= static_cast<std::uint8_t>(IdType::integer) &&
                  type <= static_cast<std::uint8_t>(IdType::text),
              "its type of ids is unknown");
}

// Sections follow one another without gaps: this one must start where `end`, aligned, is.
void check_place(const SectionPlace& place, std::uint64_t& end, std::uint64_t image_size) {
    check(
        place.offset == aligned(end) && place.offset <= image_size && place.size <= image_size - place.offset,
        "a section is out of place");
    end = place.offset + place.size;
}

void check_size(std::uint64_t size, std::uint64_t expected) {
    check(size == expected, "a section has another size than the numbers of users and items ask for");
}

void check_ids_size(std::uint64_t size, std::uint8_t type, std::uint64_t count) {
    switch (static_cast<IdType>(type)) {
        case IdType::integer:
            return check_size(size, count * sizeof(std::int64_t));
        case IdType::uuid:
            return check_size(size, count * kUuidBytes);
        case IdType::text:
            break;
    }
    check(size >= (count + 1) * sizeof(std::uint64_t), "a section of ids is too short");
}

void check_order(const ImageHeader& header) {
    std::uint64_t end = sizeof(ImageHeader);
    for (const SectionPlace& place : header.sections) check_place(place, end, header.image_size);
    check(aligned(end) == header.image_size, "its stated size is not that of its sections");
}

// Sections that only models of factors have; empty in others.
void check_factor_sections(const ImageHeader& header, std::uint64_t users, std::uint64_t items) {
    const auto& sections = header.sections;
    const bool there = has_factors(header), has_biases = is_explicit(header);
    const auto row = sizeof(float) * static_cast<std::uint64_t>(padded(header.rank + (has_biases ? 2 : 0)));
    const auto panels = static_cast<std::uint64_t>(panels_of(header.items));
    const auto check_one = [&](Section section, std::uint64_t size) {
        check_size(sections[section].size, there ? size : 0);
    };
    check_one(kUserFactors, users * row);
    check_one(kItemFactors, items * row);
    check_one(kBaseGram, has_biases ? 0 : sizeof(float) * base_gram_floats(header.rank));
    check_one(kItemOrder, items * sizeof(std::int32_t));
    check_one(kPanelLimits, panels * sizeof(PanelLimit));
    check_one(kItemCodes, panels * static_cast<std::uint64_t>(panel_code_bytes(header.rank)));
    check_one(kPanelBounds, panels * sizeof(PanelBounds));
}

// Items and terms, either way; as many terms as the lists say.
void check_content_sections(const ImageHeader& header) {
    const auto& sections = header.sections;
    const auto size = [&](Section section) { return sections[section].size; };
    const std::uint64_t terms = size(kPostingStart) / sizeof(std::int64_t);  // and one more
    check(size(kPostingStart) % sizeof(std::int64_t) == 0 && terms >= 2 &&
              terms - 1 <= static_cast<std::uint64_t>(kMaxIds),
          "its number of terms is out of range");
    check(size(kTerms) >= terms * sizeof(std::uint64_t), "its section of terms is too short");
    check(size(kPostings) == size(kPostingWeights) && size(kPostings) == size(kNeighbours),
          "its terms are of other items than its items have terms");
    check(!is_explicit(header), "it has content, but explicit feedback");
}

void check_user_neighbour_sections(const ImageHeader& header, std::uint64_t items) {
    const auto size = [&](Section section) { return header.sections[section].size; };
    check_size(size(kPostingStart), (items + 1) * sizeof(std::int64_t));
    check(size(kPostings) % sizeof(std::int32_t) == 0 &&
              (size(kPostingWeights) == 0 || size(kPostingWeights) == size(kPostings)),
          "its postings are too few or too many");
    check_size(size(kPayload),
               user_neighbours_size(header.users, header.items, static_cast<Feedback>(header.feedback)));
}

// Sections that some kinds have each for itself.
void check_other_sections(const ImageHeader& header, std::uint64_t items) {
    if (is_content(header)) check_content_sections(header);
    if (has_user_neighbours(header)) check_user_neighbour_sections(header, items);
    for (const Section section : {kPostingStart, kPostings, kPostingWeights})
        check(is_content(header) || has_user_neighbours(header) || header.sections[section].size == 0,
              "it has a section of another kind of model");
    check(is_content(header) || header.sections[kTerms].size == 0, "it has terms, but no content");
    check(is_kind(header, ModelKind::hybrid) || has_user_neighbours(header) ||
              header.sections[kPayload].size == 0,
          "it has components, but is no hybrid");
}

void check_neighbour_sections(const ImageHeader& header, std::uint64_t items) {
    const auto& sections = header.sections;
    const bool there = is_kind(header, ModelKind::item_neighbours) || is_content(header),
               has_values = there || has_user_neighbours(header);
    check_size(sections[kNeighbourStart].size, there ? (items + 1) * sizeof(std::int64_t) : 0);
    check_size(sections[kNeighbours].size, sections[kNeighbourWeights].size);
    check((there || sections[kNeighbours].size == 0) && (has_values || sections[kSeenValues].size == 0),
          "it has neighbours of another kind of model");
    check_size(sections[kItemOffsets].size, has_values && is_explicit(header) ? items * sizeof(float) : 0);
}

// Samples, side by side in a row of factors.
void check_posterior(const ImageHeader& header) {
    const auto samples = header.posterior_samples;
    check(samples == 0 || (has_factors(header) && is_explicit(header)),
          "it has samples of another kind of model");
    check(samples <= static_cast<std::uint32_t>(header.rank) &&
              (samples == 0 || static_cast<std::uint32_t>(header.rank) % samples == 0),
          "its factors are not divided among its samples");
    const int rank = samples == 0 ? 0 : header.rank / static_cast<int>(samples);
    check_size(header.sections[kPosterior].size,
               samples == 0 ? 0 : samples * posterior_floats(rank) * sizeof(float));
}

// Models of segments lay everything out themselves.
void check_segment_sections(const ImageHeader& header) {
    for (std::size_t section = 0; section < kSections; section++)
        check((header.sections[section].size > 0) == (section == kPayload),
              "it has a section of another kind of model, or no segments");
}

void check_sections(const ImageHeader& header) {
    check_order(header);
    if (has_segments(header)) return check_segment_sections(header);
    const auto users = static_cast<std::uint64_t>(header.users),
               items = static_cast<std::uint64_t>(header.items);
    const auto& sections = header.sections;
    check_ids_size(sections[kUserIds].size, header.user_id_type, users);
    check_ids_size(sections[kItemIds].size, header.item_id_type, items);
    check_size(sections[kPopularity].size, items * sizeof(float));
    check_size(sections[kPopularOrder].size, items * sizeof(std::int32_t));
    check_size(sections[kSeenStart].size, (users + 1) * sizeof(std::int64_t));
    check_factor_sections(header, users, items);
    check_neighbour_sections(header, items);
    check_posterior(header);
    check_other_sections(header, items);
}

}  // namespace

std::uint64_t header_checksum(ImageHeader header) noexcept {
    header.header_checksum = 0;
    static_assert(sizeof header % kChecksumStep == 0);
    return checksum(std::as_bytes(std::span(&header, 1)));
}

ImageHeader read_image_header(std::span<const std::byte> image) {
    check(image.size() >= sizeof(ImageHeader), "it is shorter than its header");
    check(reinterpret_cast<std::uintptr_t>(image.data()) % kImageAlignment == 0,
          "it is not aligned in memory");
    ImageHeader header;
    std::memcpy(&header, image.data(), sizeof header);
    check_is_readable(header);
    check(header.header_size == sizeof(ImageHeader) && header.section_count == kSections,
          "its header is of another size");
    if (header.image_size != image.size())
        throw CorruptModel("it has " + std::to_string(image.size()) + " bytes in place of " +
                           std::to_string(header.image_size));
    check_scalars(header);
    check_counts(header);
    check_sections(header);
    return header;
}

}  // namespace personalize::core
