#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "core/model/checksum.hpp"
#include "core/model/hybrid_components.hpp"
#include "core/model/image_header.hpp"
#include "core/model/model_image.hpp"
#include "core/model/user_neighbour_payload.hpp"
#include "core/runtime/error.hpp"
#include "core/segments/segment_model.hpp"

namespace personalize::core {

namespace {

// Dot products of rows of up to kMaxRank + 2 factors of this size are finite.
constexpr float kMaxFactor = 1e17f;
// Products of a weight and a rating are finite, and so are sums of all that there can be.
constexpr float kMaxWeight = 1e14f;

[[noreturn]] void refuse(const std::string& whose, const char* what_is_wrong) {
    throw CorruptModel(whose + what_is_wrong);
}

// A float without its sign orders as the integer of the same bits does, infinity and then NaN above all
// numbers: one maximum finds whatever is too large.
bool all_within(std::span<const float> values, float limit) {
    constexpr std::size_t kLanes = 16;
    constexpr std::uint32_t kWithoutSign = 0x7FFFFFFF;
    std::array<std::uint32_t, kLanes> largest{}, bits;
    std::size_t k = 0;
    for (; k + kLanes <= values.size(); k += kLanes) {
        std::memcpy(bits.data(), values.data() + k, sizeof bits);
        for (std::size_t l = 0; l < kLanes; l++) largest[l] = std::max(largest[l], bits[l] & kWithoutSign);
    }
    for (; k < values.size(); k++)
        largest[0] = std::max(largest[0], std::bit_cast<std::uint32_t>(values[k]) & kWithoutSign);
    return *std::max_element(largest.begin(), largest.end()) <= std::bit_cast<std::uint32_t>(limit);
}

void check_text_offsets(std::span<const std::uint64_t> offsets, std::uint64_t pool_size, const char* whose) {
    bool ascending = true;
    for (std::size_t k = 1; k < offsets.size(); k++) ascending &= offsets[k - 1] <= offsets[k];
    if (!ascending || offsets.front() != 0 || offsets.back() != pool_size)
        refuse(whose, "ids have offsets that do not divide their text");
}

void check_ids(IdView ids, std::uint64_t section_size, const char* whose) {
    bool ascending = true;
    if (ids.type() == IdType::integer) {
        const auto values = ids.integer_values();
        for (std::size_t k = 1; k < values.size(); k++) ascending &= values[k - 1] < values[k];
    } else {
        if (ids.type() == IdType::text)
            check_text_offsets(ids.text_offsets(), section_size - ids.text_offsets().size_bytes(), whose);
        for (std::int64_t k = 1; k < ids.size(); k++) ascending &= ids.at(k - 1).bytes < ids.at(k).bytes;
    }
    if (!ascending) refuse(whose, "ids are not in order");
}

// `one`: the column that holds 1 in every row; -1: none does.
void check_factors(FactorsView factors, int one, const char* whose) {
    const auto floats = static_cast<std::size_t>(factors.rows * factors.stride);
    if (!all_within({factors.data, floats}, kMaxFactor))
        refuse(whose, "factors are not finite, or too large");
    for (std::int64_t r = 0; r < factors.rows; r++) {
        const float* row = factors.row(r);
        if (one >= 0 && row[one] != 1) refuse(whose, "factors lack the column of ones");
        for (int c = factors.width; c < factors.stride; c++)
            if (row[c] != 0) refuse(whose, "factors are not padded with zeros");
    }
}

// Necessary for a Gram matrix: |g_ab|^2 <= g_aa g_bb, with room for rounding and underflow.
bool bounded_by_diagonal(double element, double a, double b) {
    constexpr double kTiny = std::numeric_limits<float>::min();
    return element * element <= 1.01 * (a + kTiny) * (b + kTiny);
}

void check_base_gram(std::span<const float> gram, int rank) {
    if (!all_within(gram, std::numeric_limits<float>::max())) refuse("its ", "Gram matrix is not finite");
    const auto stride = static_cast<std::size_t>(padded(rank));
    const auto diagonal = [&](std::size_t k) { return gram[k * stride + k]; };
    for (std::size_t r = 0; r * stride < gram.size(); r++) {
        if (diagonal(r) < 0) refuse("its ", "Gram matrix has a negative diagonal");
        for (std::size_t c = 0; c < static_cast<std::size_t>(rank); c++)
            if (!bounded_by_diagonal(gram[r * stride + c], diagonal(r), diagonal(c)))
                refuse("its ", "Gram matrix is none");
    }
}

// An order in which each item is less popular than the one before, ties by index, can name no item twice.
void check_popularity(std::span<const float> popularity, std::span<const std::int32_t> order) {
    bool counts = all_within(popularity, std::numeric_limits<float>::max());
    for (const float count : popularity) counts &= count >= 0;
    if (!counts) refuse("its ", "popularity of items is not a number, or negative");
    for (const std::int32_t item : order)
        if (item < 0 || static_cast<std::size_t>(item) >= popularity.size())
            refuse("its ", "popular order names an item that does not exist");
    for (std::size_t k = 1; k < order.size(); k++) {
        const float before = popularity[order[k - 1]], here = popularity[order[k]];
        if (before < here || (before == here && order[k - 1] >= order[k]))
            refuse("its ", "popular order is not by popularity");
    }
}

void check_factor_model(const ModelParts& parts) {
    const int rank = parts.objective.rank;
    const bool has_biases = parts.objective.has_biases();
    check_factors(parts.user_factors, has_biases ? rank : -1, "its users' ");
    check_factors(parts.item_factors, has_biases ? rank + 1 : -1, "its items' ");
    check_base_gram(parts.base_gram, rank);
    if (const char* wrong = wrong_with_posterior(parts.posterior)) refuse("its ", wrong);
    if (const char* wrong = wrong_with_index(parts.item_factors, parts.item_index)) refuse("its ", wrong);
}

// Offsets that cut `elements` into rows.
bool cut_into_rows(std::span<const std::int64_t> start, std::size_t elements) {
    bool ascending = start.front() == 0 && start.back() == static_cast<std::int64_t>(elements);
    for (std::size_t k = 1; k < start.size(); k++) ascending &= start[k - 1] <= start[k];
    return ascending;
}

// A matrix whose columns are below `columns`; values may be left out.
void check_lists(SparseView lists, std::int64_t columns, const char* whose) {
    if (!cut_into_rows(lists.start, lists.columns.size())) refuse(whose, "are not divided into lists");
    if (!all_within(lists.values, kMaxWeight))
        refuse(whose, "have weights that are not finite, or too large");
    for (std::int64_t r = 0; r < lists.rows(); r++) {
        std::int64_t before = -1;
        const auto from = static_cast<std::size_t>(lists.start[r]),
                   to = static_cast<std::size_t>(lists.start[r + 1]);
        for (const std::int32_t column : lists.columns.subspan(from, to - from)) {
            if (column <= before || column >= columns) refuse(whose, "are out of order or of range");
            before = column;
        }
    }
}

// One for each byte of the lists that they belong to.
void check_values(std::span<const float> values, const SeenItems& lists, const char* whose) {
    if (!values.empty() && values.size() != lists.gaps().size())
        refuse(whose, "ratings are too few or too many");
    if (!all_within(values, kMaxWeight)) refuse(whose, "ratings are not finite, or too large");
}

void check_neighbour_model(const ModelParts& parts) {
    check_values(parts.seen_values, parts.seen, "its seen ");
    if (!all_within(parts.item_offsets, kMaxWeight))
        refuse("its ", "offsets of items are not finite, or too large");
    if (parts.kind == ModelKind::item_neighbours)
        return check_lists(parts.neighbours, parts.items.size(), "its neighbours ");
    check_lists(parts.postings, parts.users.size(), "its raters of items ");
    const UserNeighbourPayload own =
        open_user_neighbours(parts.payload, parts.users.size(), parts.items.size(), parts.rule.feedback);
    for (const auto& values : {own.item_weights, own.user_scales, own.item_lengths, own.user_offsets})
        if (!all_within(values, kMaxWeight))
            refuse("its ", "weights of users and items are not finite, or too large");
}

void check_content_model(const ModelParts& parts, std::uint64_t terms_size) {
    check_ids(parts.terms, terms_size, "its terms' ");
    check_lists(parts.neighbours, parts.terms.size(), "its items' terms ");
    check_lists(parts.postings, parts.items.size(), "its terms' items ");
    check_values(parts.seen_values, parts.seen, "its seen ");
}

void check_kind(const ModelParts& parts, const ImageHeader& header) {
    switch (parts.kind) {
        case ModelKind::factors:
            return check_factor_model(parts);
        case ModelKind::item_neighbours:
        case ModelKind::user_neighbours:
            return check_neighbour_model(parts);
        case ModelKind::content:
            return check_content_model(parts, header.sections[kTerms].size);
        case ModelKind::hybrid:
            return check_components(parts.payload, parts.users.size(), parts.items.size(),
                                    parts.rule.feedback);
        case ModelKind::segments:
            read_segment_model(parts.payload);
    }
}

}  // namespace

void check_model_image(std::span<const std::byte> image) {
    const ImageHeader header = read_image_header(image);
    if (checksum(image.subspan(sizeof header)) != header.content_checksum)
        refuse("its ", "checksum is wrong");
    const ModelParts parts = open_model_image(image);
    if (parts.kind == ModelKind::segments) return check_kind(parts, header);
    check_ids(parts.users, header.sections[kUserIds].size, "its users' ");
    check_ids(parts.items, header.sections[kItemIds].size, "its items' ");
    check_popularity(parts.popularity, parts.popular_order);
    if (const char* wrong = wrong_with_seen(parts.seen, header.items)) refuse("its ", wrong);
    check_kind(parts, header);
}

ModelBytes write_servable_image(const ModelParts& parts) {
    ModelBytes image = write_model_image(parts);
    try {
        check_model_image(image);
    } catch (const CorruptModel& error) {
        throw InvalidInput(std::string("these ratings make no model that can be served: ") + error.what(),
                           "Look at their range with rating_summary(); they may be too large.");
    }
    return image;
}

}  // namespace personalize::core
