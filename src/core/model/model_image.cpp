#include "core/model/model_image.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <numeric>

#include "core/model/checksum.hpp"
#include "core/model/image_header.hpp"
#include "core/runtime/error.hpp"

namespace personalize::core {

namespace {

// Up to two runs of bytes, one behind the other, and then zeros.
struct Contents {
    std::span<const std::byte> first, second = {};
    std::size_t zeros = 0;
    std::size_t size() const { return first.size() + second.size() + zeros; }
};

template <class T>
Contents contents_of(std::span<const T> values) {
    return {std::as_bytes(values)};
}

Contents contents_of(IdView ids) {
    const auto count = static_cast<std::size_t>(ids.size());
    switch (ids.type()) {
        case IdType::integer:
            return contents_of(ids.integer_values());
        case IdType::uuid:
            return contents_of(std::span(ids.bytes(), count * kUuidBytes));
        case IdType::text:
            break;
    }
    return {std::as_bytes(ids.text_offsets()),
            std::as_bytes(std::span(ids.bytes(), ids.text_offsets()[count]))};
}

Contents contents_of(FactorsView factors) {
    return contents_of(std::span(factors.data, static_cast<std::size_t>(factors.rows * factors.stride)));
}

std::array<Contents, kSections> contents_of(const ModelParts& parts) {
    std::array<Contents, kSections> result;
    result[kPayload] = {parts.payload};
    if (parts.kind == ModelKind::segments) return result;
    result[kUserIds] = contents_of(parts.users);
    result[kItemIds] = contents_of(parts.items);
    result[kUserFactors] = contents_of(parts.user_factors);
    result[kItemFactors] = contents_of(parts.item_factors);
    result[kBaseGram] = contents_of(parts.base_gram);
    result[kPopularity] = contents_of(parts.popularity);
    result[kPopularOrder] = contents_of(parts.popular_order);
    result[kSeenStart] = contents_of(parts.seen.start());
    result[kSeenItems] = contents_of(parts.seen.gaps());
    result[kNeighbourStart] = contents_of(parts.neighbours.start);
    result[kNeighbours] = contents_of(parts.neighbours.columns);
    result[kNeighbourWeights] = contents_of(parts.neighbours.values);
    result[kSeenValues] = contents_of(parts.seen_values);
    result[kItemOffsets] = contents_of(parts.item_offsets);
    result[kPosterior] = contents_of(std::span(
        parts.posterior.parameters,
        posterior_floats(parts.posterior.rank) * static_cast<std::size_t>(parts.posterior.samples)));
    result[kPostingStart] = contents_of(parts.postings.start);
    result[kPostings] = contents_of(parts.postings.columns);
    result[kPostingWeights] = contents_of(parts.postings.values);
    if (parts.terms.size() > 0) result[kTerms] = contents_of(parts.terms);
    if (parts.kind != ModelKind::factors) return result;
    // The index of the items is built in its place.
    const auto panels = static_cast<std::size_t>(panels_of(parts.items.size()));
    result[kItemOrder].zeros = static_cast<std::size_t>(parts.items.size()) * sizeof(std::int32_t);
    result[kPanelLimits].zeros = panels * sizeof(PanelLimit);
    result[kItemCodes].zeros = panels * static_cast<std::size_t>(panel_code_bytes(parts.objective.rank));
    result[kPanelBounds].zeros = panels * sizeof(PanelBounds);
    return result;
}

// Writes from `at` on; returns the end.
std::size_t put(std::byte* image, std::size_t at, std::span<const std::byte> bytes) {
    if (!bytes.empty()) std::memcpy(image + at, bytes.data(), bytes.size());
    return at + bytes.size();
}

void put_sections(const std::array<Contents, kSections>& contents, ModelBytes& image, ImageHeader& header) {
    std::size_t end = sizeof(ImageHeader);
    for (std::size_t s = 0; s < kSections; s++) {
        header.sections[s] = {end, contents[s].size()};
        end = put(image.data(), end, contents[s].first);
        end = put(image.data(), end, contents[s].second);
        const std::size_t next = aligned(end + contents[s].zeros);
        std::memset(image.data() + end, 0, next - end);
        end = next;
    }
}

Columns columns_of(const Objective& objective) {
    if (!objective.has_biases()) return {objective.rank, -1, 0};
    return {objective.rank, objective.rank, 1};
}

void put_index(const ModelParts& parts, ModelBytes& image, const ImageHeader& header) {
    const auto space = [&]<class T>(Section section, T) -> std::span<T> {
        const SectionPlace& place = header.sections[section];
        return {reinterpret_cast<T*>(image.data() + place.offset), place.size / sizeof(T)};
    };
    build_item_index(parts.item_factors, columns_of(parts.objective),
                     typical_length(parts.user_factors, 0, parts.user_factors.rows),
                     {space(kItemOrder, std::int32_t()), space(kPanelLimits, PanelLimit()),
                      space(kItemCodes, std::uint8_t()), space(kPanelBounds, PanelBounds())});
}

ImageHeader header_of(const ModelParts& parts) {
    ImageHeader header;
    header.users = parts.users.size();
    header.items = parts.items.size();
    header.rank = parts.objective.rank;
    header.kind = static_cast<std::uint8_t>(parts.kind);
    header.posterior_samples = static_cast<std::uint32_t>(parts.posterior.samples);
    header.feedback = static_cast<std::uint8_t>(parts.rule.feedback);
    header.weighting = static_cast<std::uint8_t>(parts.rule.weighting);
    header.has_positive_from = parts.rule.has_positive_from;
    header.user_id_type = static_cast<std::uint8_t>(parts.users.type());
    header.item_id_type = static_cast<std::uint8_t>(parts.items.type());
    header.regularization = parts.objective.regularization;
    header.unobserved_weight = parts.objective.unobserved_weight;
    header.frequency_exponent = parts.objective.frequency_exponent;
    header.positive_from = parts.rule.positive_from;
    header.scale = parts.rule.scale;
    header.mean = parts.rule.mean;
    header.lowest = parts.rule.lowest;
    header.highest = parts.rule.highest;
    header.half_life = parts.rule.half_life;
    header.newest = parts.rule.newest;
    return header;
}

std::span<const std::byte> behind_header(std::span<const std::byte> image) {
    return image.subspan(sizeof(ImageHeader));
}

Objective objective_of(const ImageHeader& header) {
    return {.feedback = static_cast<Feedback>(header.feedback),
            .rank = header.rank,
            .regularization = header.regularization,
            .unobserved_weight = header.unobserved_weight,
            .frequency_exponent = header.frequency_exponent};
}

FeedbackRule rule_of(const ImageHeader& header) {
    return {.feedback = static_cast<Feedback>(header.feedback),
            .weighting = static_cast<Weighting>(header.weighting),
            .has_positive_from = header.has_positive_from != 0,
            .positive_from = header.positive_from,
            .scale = header.scale,
            .mean = header.mean,
            .lowest = header.lowest,
            .highest = header.highest,
            .half_life = header.half_life,
            .newest = header.newest};
}

// Views into an image whose header has been checked.
class Sections {
  public:
    Sections(std::span<const std::byte> image, const ImageHeader& header) : image_(image), header_(header) {}

    template <class T>
    std::span<const T> values(Section section) const {
        const auto bytes = bytes_of(section);
        return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
    }

    IdView ids(Section section, std::uint8_t type, std::int64_t count) const {
        switch (static_cast<IdType>(type)) {
            case IdType::integer:
                return IdView::integers(values<std::int64_t>(section));
            case IdType::uuid:
                return IdView::uuids(values<char>(section).data(), count);
            case IdType::text:
                break;
        }
        const auto offsets = values<std::uint64_t>(section).first(static_cast<std::size_t>(count) + 1);
        return IdView::texts(offsets, values<char>(section).data() + offsets.size_bytes());
    }

    FactorsView factors(Section section, std::int64_t rows, int width) const {
        return {values<float>(section).data(), rows, width, padded(width)};
    }

  private:
    std::span<const std::byte> bytes_of(Section section) const {
        const SectionPlace& place = header_.sections[section];
        return image_.subspan(place.offset, place.size);
    }

    std::span<const std::byte> image_;
    const ImageHeader& header_;
};

void open_factors(const Sections& sections, const ImageHeader& header, ModelParts& parts) {
    parts.user_factors = sections.factors(kUserFactors, header.users, parts.objective.width());
    parts.item_factors = sections.factors(kItemFactors, header.items, parts.objective.width());
    parts.base_gram = sections.values<float>(kBaseGram);
    if (header.posterior_samples > 0) {
        const auto samples = static_cast<int>(header.posterior_samples);
        parts.posterior = {header.rank / samples, samples, sections.values<float>(kPosterior).data()};
    }
    parts.item_index = {columns_of(parts.objective), sections.values<std::int32_t>(kItemOrder),
                        sections.values<PanelLimit>(kPanelLimits), sections.values<std::uint8_t>(kItemCodes),
                        sections.values<PanelBounds>(kPanelBounds)};
}

void open_neighbours(const Sections& sections, const ImageHeader&, ModelParts& parts) {
    parts.neighbours = {sections.values<std::int64_t>(kNeighbourStart),
                        sections.values<std::int32_t>(kNeighbours),
                        sections.values<float>(kNeighbourWeights)};
    parts.seen_values = sections.values<float>(kSeenValues);
    parts.item_offsets = sections.values<float>(kItemOffsets);
}

}  // namespace

ModelParts parts_without_factors(ModelKind kind, const FeedbackRule& rule, const Ratings& ratings,
                                 std::span<const float> popularity,
                                 std::span<const std::int32_t> popular_order, SeenItems seen) {
    ModelParts parts;
    parts.kind = kind;
    parts.objective = {.feedback = rule.feedback, .rank = 0};
    parts.rule = rule;
    parts.users = ratings.users.view();
    parts.items = ratings.items.view();
    parts.popularity = popularity;
    parts.popular_order = popular_order;
    parts.seen = seen;
    return parts;
}

std::vector<float> count_popularity(const SparseMatrix& by_user, Feedback feedback) {
    std::vector<float> count(static_cast<std::size_t>(by_user.columns_count));
    for (std::size_t k = 0; k < by_user.columns.size(); k++)
        if (feedback == Feedback::explicit_feedback || by_user.values[k] > 0) count[by_user.columns[k]] += 1;
    return count;
}

std::vector<std::int32_t> order_by_popularity(std::span<const float> popularity) {
    std::vector<std::int32_t> order(popularity.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
        return popularity[a] != popularity[b] ? popularity[a] > popularity[b] : a < b;
    });
    return order;
}

std::size_t model_image_size(const ModelParts& parts) noexcept {
    std::size_t size = sizeof(ImageHeader);
    for (const Contents& contents : contents_of(parts)) size = aligned(size + contents.size());
    return size;
}

ModelBytes write_model_image(const ModelParts& parts) {
    ModelBytes image(model_image_size(parts));
    ImageHeader header = header_of(parts);
    put_sections(contents_of(parts), image, header);
    if (parts.kind == ModelKind::factors) put_index(parts, image, header);
    header.image_size = image.size();
    header.content_checksum = checksum(behind_header(image));
    header.header_checksum = header_checksum(header);
    std::memcpy(image.data(), &header, sizeof header);
    return image;
}

std::uint64_t stated_checksum(std::span<const std::byte> image) {
    return read_image_header(image).content_checksum;
}

bool states_checksum(std::span<const std::byte> image, std::uint64_t checksum) {
    try {
        return stated_checksum(image) == checksum;
    } catch (const CorruptModel&) {
        return false;
    }
}

ModelParts open_model_image(std::span<const std::byte> image) {
    const ImageHeader header = read_image_header(image);
    const Sections sections(image, header);
    ModelParts parts;
    parts.kind = static_cast<ModelKind>(header.kind);
    parts.payload = sections.values<std::byte>(kPayload);
    if (parts.kind == ModelKind::segments) return parts;
    parts.objective = objective_of(header);
    parts.rule = rule_of(header);
    parts.users = sections.ids(kUserIds, header.user_id_type, header.users);
    parts.items = sections.ids(kItemIds, header.item_id_type, header.items);
    parts.popularity = sections.values<float>(kPopularity);
    parts.popular_order = sections.values<std::int32_t>(kPopularOrder);
    parts.seen = {sections.values<std::int64_t>(kSeenStart), sections.values<std::uint8_t>(kSeenItems)};
    parts.postings = {sections.values<std::int64_t>(kPostingStart), sections.values<std::int32_t>(kPostings),
                      sections.values<float>(kPostingWeights)};
    if (parts.kind == ModelKind::content)
        parts.terms = sections.ids(kTerms, static_cast<std::uint8_t>(IdType::text), parts.postings.rows());
    (parts.kind == ModelKind::factors ? open_factors : open_neighbours)(sections, header, parts);
    return parts;
}

}  // namespace personalize::core
