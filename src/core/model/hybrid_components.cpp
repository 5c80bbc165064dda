#include "core/model/hybrid_components.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/model/image_header.hpp"
#include "core/ranking/score_moments.hpp"
#include "core/runtime/error.hpp"

namespace personalize::core {

namespace {

struct Header {
    std::int64_t count;
    std::int64_t reserved[7];
};
// Offsets from the start of the payload, multiples of kImageAlignment.
struct Entry {
    std::uint64_t name_at, name_size, image_at, image_size, items_at, users_at;
    float weight;
    std::int32_t reserved;
    std::uint64_t moments_at;
};
static_assert(sizeof(Header) == kImageAlignment && sizeof(Entry) == kImageAlignment);

struct Place {
    Entry entry;
    std::size_t end;  // where the next component begins
};

Place place(const Component& component, std::size_t at) {
    Place result{};
    Entry& entry = result.entry;
    const auto next = [&at](std::size_t bytes) { return std::exchange(at, aligned(at + bytes)); };
    entry.weight = component.weight;
    entry.name_size = component.name.size();
    entry.image_size = component.image.size();
    entry.name_at = next(entry.name_size);
    entry.image_at = next(entry.image_size);
    entry.items_at = next(component.items.size_bytes());
    entry.users_at = next(component.users.size_bytes());
    entry.moments_at = next(component.moments.size_bytes());
    result.end = at;
    return result;
}

std::size_t behind_entries(std::size_t count) { return sizeof(Header) + count * sizeof(Entry); }

template <class T>
std::span<const T> part(std::span<const std::byte> payload, std::uint64_t at, std::uint64_t count) {
    if (at % kImageAlignment != 0 || at > payload.size() || count > (payload.size() - at) / sizeof(T))
        throw CorruptModel("one of its components is out of place");
    return {reinterpret_cast<const T*>(payload.data() + at), static_cast<std::size_t>(count)};
}

Component open_component(std::span<const std::byte> payload, const Entry& entry, std::int64_t users) {
    const auto name = part<char>(payload, entry.name_at, entry.name_size);
    Component component{{name.data(), name.size()},
                        entry.weight,
                        part<std::byte>(payload, entry.image_at, entry.image_size),
                        {},
                        part<std::int32_t>(payload, entry.users_at, static_cast<std::uint64_t>(users)),
                        {}};
    component.parts = open_model_image(component.image);
    if (component.parts.kind == ModelKind::hybrid || component.parts.kind == ModelKind::segments)
        throw CorruptModel("one of its components is a hybrid, or holds segments");
    component.items =
        part<std::int32_t>(payload, entry.items_at, static_cast<std::uint64_t>(component.parts.items.size()));
    if (!std::isfinite(component.weight) || component.weight < 0)
        throw CorruptModel("one of its weights is negative or not finite");
    component.moments = part<double>(payload, entry.moments_at, moments_size(component.parts));
    return component;
}

void check_component(const Component& component, std::int64_t items) {
    check_model_image(component.image);
    std::int64_t before = -1;
    for (const std::int32_t item : component.items) {
        if (item <= before || item >= items)
            throw CorruptModel("items of a component are out of order or of range");
        before = item;
    }
    for (const std::int32_t user : component.users)
        if (user < IdView::kNotFound || user >= component.parts.users.size())
            throw CorruptModel("users of a component are out of range");
    if (!std::all_of(component.moments.begin(), component.moments.end(),
                     [](double x) { return std::isfinite(x); }))
        throw CorruptModel("moments of a component are not finite");
}

}  // namespace

std::size_t moments_size(const ModelParts& parts) noexcept {
    return parts.kind == ModelKind::factors ? row_moments_size(parts.item_factors.width) : 0;
}

std::size_t components_size(std::span<const Component> components) noexcept {
    std::size_t at = behind_entries(components.size());
    for (const Component& component : components) at = place(component, at).end;
    return at;
}

BulkVector<std::byte> lay_out_components(std::span<const Component> components) {
    BulkVector<std::byte> payload(components_size(components));
    std::memset(payload.data(), 0, payload.size());
    const Header header{std::ssize(components), {}};
    std::memcpy(payload.data(), &header, sizeof header);
    const auto put = [&payload](std::size_t at, const void* from, std::size_t bytes) {
        if (bytes > 0) std::memcpy(payload.data() + at, from, bytes);
    };
    std::size_t at = behind_entries(components.size());
    for (std::size_t c = 0; c < components.size(); c++) {
        const Component& component = components[c];
        const auto [entry, end] = place(component, at);
        put(behind_entries(c), &entry, sizeof entry);
        put(entry.name_at, component.name.data(), component.name.size());
        put(entry.image_at, component.image.data(), component.image.size());
        put(entry.items_at, component.items.data(), component.items.size_bytes());
        put(entry.users_at, component.users.data(), component.users.size_bytes());
        put(entry.moments_at, component.moments.data(), component.moments.size_bytes());
        at = end;
    }
    return payload;
}

void put_weights(std::span<std::byte> payload, std::span<const float> weights) noexcept {
    for (std::size_t c = 0; c < weights.size(); c++)
        std::memcpy(payload.data() + behind_entries(c) + offsetof(Entry, weight), &weights[c], sizeof(float));
}

std::vector<Component> open_components(std::span<const std::byte> payload, std::int64_t users) {
    const Header header = part<Header>(payload, 0, 1)[0];
    if (header.count < 1 || header.count > kMostComponents)
        throw CorruptModel("its number of components is out of range");
    std::vector<Component> components;
    for (const Entry& entry : part<Entry>(payload, sizeof(Header), static_cast<std::uint64_t>(header.count)))
        components.push_back(open_component(payload, entry, users));
    return components;
}

void check_components(std::span<const std::byte> payload, std::int64_t users, std::int64_t items,
                      Feedback feedback) {
    bool any_weight = false;
    for (const Component& component : open_components(payload, users)) {
        check_component(component, items);
        any_weight |= component.weight > 0;
        if (feedback == Feedback::explicit_feedback && component.parts.rule.feedback != feedback)
            throw CorruptModel("it predicts ratings, but one of its components does not");
    }
    if (!any_weight) throw CorruptModel("all its weights are 0");
}

}  // namespace personalize::core
