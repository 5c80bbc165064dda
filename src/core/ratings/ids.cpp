#include "core/ratings/ids.hpp"

#include <algorithm>
#include <cstring>

namespace personalize::core {

namespace {

constexpr std::size_t kShownTextBytes = 60;

std::string uuid_digits(std::string_view bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string result;
    for (std::size_t k = 0; k < bytes.size(); k++) {
        if (k == 4 || k == 6 || k == 8 || k == 10) result += '-';
        const auto byte = static_cast<unsigned char>(bytes[k]);
        result += kDigits[byte >> 4];
        result += kDigits[byte & 15];
    }
    return result;
}

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

std::string quoted(std::string_view text) {
    if (text.size() <= kShownTextBytes) return '"' + std::string(text) + '"';
    std::size_t end = kShownTextBytes;
    while (end > kShownTextBytes - 4 && continues_character(text[end])) end--;
    return '"' + std::string(text.substr(0, end)) + "...\"";
}

// The last place in [0, size) where `not_after(place)` holds, or 0, by halving without hard branches.
template <class NotAfter>
std::int64_t last_not_after(std::int64_t size, NotAfter not_after) noexcept {
    std::int64_t base = 0;
    while (size > 1) {
        const std::int64_t half = size / 2;
        base = not_after(base + half) ? base + half : base;
        size -= half;
    }
    return base;
}

// last_not_after() for each of `count` integers, step by step together.
constexpr std::size_t kSearches = 16;
void search_together(std::span<const std::int64_t> sorted, const std::int64_t* ids, std::size_t count,
                     std::int64_t* places) noexcept {
    std::fill_n(places, count, 0);
    for (auto size = static_cast<std::int64_t>(sorted.size()); size > 1;) {
        const std::int64_t half = size / 2;
        for (std::size_t k = 0; k < count; k++)
            places[k] += sorted[static_cast<std::size_t>(places[k] + half)] <= ids[k] ? half : 0;
        size -= half;
    }
}

bool without_gaps(const std::int64_t* sorted, std::int64_t size) noexcept {
    const auto first = static_cast<std::uint64_t>(sorted[0]);
    const auto last = static_cast<std::uint64_t>(sorted[size - 1]);
    return last - first == static_cast<std::uint64_t>(size - 1);
}

}  // namespace

std::string to_string(const Id& id) {
    switch (id.type) {
        case IdType::integer:
            return std::to_string(id.integer);
        case IdType::uuid:
            return uuid_digits(id.bytes);
        case IdType::text:
            break;
    }
    return quoted(id.bytes);
}

IdView IdView::integers(std::span<const std::int64_t> sorted) {
    IdView view;
    view.type_ = IdType::integer;
    view.size_ = static_cast<std::int64_t>(sorted.size());
    view.integers_ = sorted.data();
    return view;
}

IdView IdView::uuids(const char* sorted, std::int64_t count) {
    IdView view;
    view.type_ = IdType::uuid;
    view.size_ = count;
    view.bytes_ = sorted;
    return view;
}

IdView IdView::texts(std::span<const std::uint64_t> offsets, const char* pool) {
    IdView view;
    view.type_ = IdType::text;
    view.size_ = static_cast<std::int64_t>(offsets.size()) - 1;
    view.offsets_ = offsets.data();
    view.bytes_ = pool;
    return view;
}

Id IdView::at(std::int64_t index) const noexcept {
    switch (type_) {
        case IdType::integer:
            return Id::of(integers_[index]);
        case IdType::uuid:
            return Id::uuid({bytes_ + index * kUuidBytes, kUuidBytes});
        case IdType::text:
            break;
    }
    return Id::text({bytes_ + offsets_[index], offsets_[index + 1] - offsets_[index]});
}

std::int32_t IdView::find(const Id& id) const noexcept {
    if (size_ == 0) return kNotFound;
    std::int64_t place;
    if (type_ != IdType::integer) {
        place = last_not_after(size_, [&](std::int64_t k) { return at(k).bytes <= id.bytes; });
    } else if (without_gaps(integers_, size_)) {
        if (id.integer < integers_[0] || id.integer > integers_[size_ - 1]) return kNotFound;
        return static_cast<std::int32_t>(static_cast<std::uint64_t>(id.integer) -
                                         static_cast<std::uint64_t>(integers_[0]));
    } else {
        place = last_not_after(size_, [&](std::int64_t k) { return integers_[k] <= id.integer; });
    }
    return at(place) == id ? static_cast<std::int32_t>(place) : kNotFound;
}

void IdView::find_all(std::span<const std::int64_t> ids, std::int32_t* indexes) const noexcept {
    if (ids.empty()) return;
    if (size_ == 0 || without_gaps(integers_, size_)) {
        for (std::size_t k = 0; k < ids.size(); k++) indexes[k] = find(Id::of(ids[k]));
        return;
    }
    std::int64_t places[kSearches];
    for (std::size_t first = 0; first < ids.size(); first += kSearches) {
        const std::size_t count = std::min(kSearches, ids.size() - first);
        search_together(integer_values(), ids.data() + first, count, places);
        for (std::size_t k = 0; k < count; k++)
            indexes[first + k] =
                integers_[places[k]] == ids[first + k] ? static_cast<std::int32_t>(places[k]) : kNotFound;
    }
}

std::span<const std::int64_t> IdView::integer_values() const noexcept {
    return {integers_, static_cast<std::size_t>(size_)};
}

std::span<const std::uint64_t> IdView::text_offsets() const noexcept {
    return {offsets_, static_cast<std::size_t>(size_) + 1};
}

IdView IdList::view() const noexcept {
    switch (type_) {
        case IdType::integer:
            return IdView::integers(integers_);
        case IdType::uuid:
            return IdView::uuids(bytes_.data(), static_cast<std::int64_t>(bytes_.size() / kUuidBytes));
        case IdType::text:
            break;
    }
    return IdView::texts(offsets_, bytes_.data());
}

IdList IdList::subset(std::span<const std::int32_t> indexes) const {
    IdList result(type_);
    const IdView all = view();
    for (const std::int32_t index : indexes) {
        const Id id = all.at(index);
        if (type_ == IdType::integer) {
            result.integers_.push_back(id.integer);
            continue;
        }
        result.bytes_.insert(result.bytes_.end(), id.bytes.begin(), id.bytes.end());
        if (type_ == IdType::text) result.offsets_.push_back(result.bytes_.size());
    }
    return result;
}

}  // namespace personalize::core
