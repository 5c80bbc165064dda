#include "core/model/user_neighbour_payload.hpp"

#include <array>
#include <cmath>
#include <cstring>

#include "core/model/image_header.hpp"
#include "core/runtime/error.hpp"

namespace personalize::core {

namespace {

struct Header {
    std::int32_t neighbours;
    std::uint8_t similarity, user_weighting;
    std::uint8_t reserved[2];
    float shrinkage;
    std::int32_t also_reserved;
    std::int64_t most_postings;
    std::int64_t still_reserved[5];
};
static_assert(sizeof(Header) == kImageAlignment);

// Each at a multiple of kImageAlignment behind the header.
using Lengths = std::array<std::uint64_t, 4>;

Lengths lengths(std::int64_t users, std::int64_t items, Feedback feedback) noexcept {
    const auto u = static_cast<std::uint64_t>(users), i = static_cast<std::uint64_t>(items);
    return {i, u, i, feedback == Feedback::explicit_feedback ? u : 0};
}

std::size_t size_of(const Lengths& lengths) noexcept {
    std::size_t size = sizeof(Header);
    for (const std::uint64_t length : lengths) size = aligned(size + length * sizeof(float));
    return size;
}

void check_header(const Header& header) {
    using knn::Similarity, knn::UserWeighting;
    const auto similarity = static_cast<Similarity>(header.similarity);
    if (similarity != Similarity::cosine && similarity != Similarity::pearson &&
        similarity != Similarity::jaccard && similarity != Similarity::cooccurrence)
        throw CorruptModel("its similarity of users is unknown");
    if (header.user_weighting > static_cast<std::uint8_t>(UserWeighting::bm25))
        throw CorruptModel("its weighting of items is unknown");
    if (header.neighbours < 1 || !std::isfinite(header.shrinkage) || header.shrinkage < 0 ||
        header.most_postings < 0)
        throw CorruptModel("its options of neighbours are out of range");
}

}  // namespace

std::size_t user_neighbours_size(std::int64_t users, std::int64_t items, Feedback feedback) noexcept {
    return size_of(lengths(users, items, feedback));
}

BulkVector<std::byte> lay_out_user_neighbours(const UserNeighbourPayload& parts) {
    const std::span<const float> arrays[] = {parts.item_weights, parts.user_scales, parts.item_lengths,
                                             parts.user_offsets};
    Lengths lengths;
    for (std::size_t a = 0; a < lengths.size(); a++) lengths[a] = arrays[a].size();
    BulkVector<std::byte> payload(size_of(lengths));
    std::memset(payload.data(), 0, payload.size());
    const Header header{parts.options.neighbours,
                        static_cast<std::uint8_t>(parts.options.similarity),
                        static_cast<std::uint8_t>(parts.options.user_weighting),
                        {},
                        parts.options.shrinkage,
                        0,
                        parts.most_postings,
                        {}};
    std::memcpy(payload.data(), &header, sizeof header);
    std::size_t at = sizeof header;
    for (const auto& array : arrays) {
        if (!array.empty()) std::memcpy(payload.data() + at, array.data(), array.size_bytes());
        at = aligned(at + array.size_bytes());
    }
    return payload;
}

UserNeighbourPayload open_user_neighbours(std::span<const std::byte> payload, std::int64_t users,
                                          std::int64_t items, Feedback feedback) {
    const Lengths counts = lengths(users, items, feedback);
    if (payload.size() != size_of(counts))
        throw CorruptModel("its payload has another size than the numbers of users and items ask for");
    Header header;
    std::memcpy(&header, payload.data(), sizeof header);
    check_header(header);
    UserNeighbourPayload parts;
    parts.options.similarity = static_cast<knn::Similarity>(header.similarity);
    parts.options.user_weighting = static_cast<knn::UserWeighting>(header.user_weighting);
    parts.options.neighbours = header.neighbours;
    parts.options.shrinkage = header.shrinkage;
    parts.most_postings = header.most_postings;
    std::span<const float>* const arrays[] = {&parts.item_weights, &parts.user_scales, &parts.item_lengths,
                                              &parts.user_offsets};
    std::size_t at = sizeof header;
    for (std::size_t a = 0; a < counts.size(); a++) {
        *arrays[a] = {reinterpret_cast<const float*>(payload.data() + at), counts[a]};
        at = aligned(at + counts[a] * sizeof(float));
    }
    return parts;
}

}  // namespace personalize::core
