#include "core/ratings/ids.hpp"

#include <algorithm>
#include <bit>
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

// last_not_after() for each of `count` searches, step by step together. `ask` is told of each place that
// not_after(search, place) will be asked about.
constexpr std::size_t kSearches = 16;
template <class Ask, class NotAfter>
void search_together(std::int64_t size, std::size_t count, std::int64_t* places, Ask ask,
                     NotAfter not_after) noexcept {
    std::fill_n(places, count, 0);
    while (size > 1) {
        const std::int64_t half = size / 2;
        for (std::size_t k = 0; k < count; k++) ask(places[k] + half);
        for (std::size_t k = 0; k < count; k++) places[k] += not_after(k, places[k] + half) ? half : 0;
        size -= half;
    }
}

// Orders as the bytes of a uuid do.
using UuidKey = unsigned __int128;
UuidKey uuid_key(const char* bytes) noexcept {
    std::uint64_t words[2];
    std::memcpy(words, bytes, kUuidBytes);
    if constexpr (std::endian::native == std::endian::little)
        for (std::uint64_t& word : words) word = __builtin_bswap64(word);
    return static_cast<UuidKey>(words[0]) << 64 | words[1];
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

bool IdView::integers_without_gaps() const noexcept {
    if (type_ != IdType::integer || size_ == 0) return false;
    const auto first = static_cast<std::uint64_t>(integers_[0]);
    const auto last = static_cast<std::uint64_t>(integers_[size_ - 1]);
    return last - first == static_cast<std::uint64_t>(size_ - 1);
}

std::int32_t IdView::find(const Id& id) const noexcept {
    if (size_ == 0) return kNotFound;
    std::int64_t place;
    if (type_ != IdType::integer) {
        place = last_not_after(size_, [&](std::int64_t k) { return at(k).bytes <= id.bytes; });
    } else if (integers_without_gaps()) {
        if (id.integer < integers_[0] || id.integer > integers_[size_ - 1]) return kNotFound;
        return static_cast<std::int32_t>(static_cast<std::uint64_t>(id.integer) -
                                         static_cast<std::uint64_t>(integers_[0]));
    } else {
        place = last_not_after(size_, [&](std::int64_t k) { return integers_[k] <= id.integer; });
    }
    return at(place) == id ? static_cast<std::int32_t>(place) : kNotFound;
}

// The searches of up to kSearches ids.
void IdView::search(std::span<const Id> ids, std::int64_t* places) const noexcept {
    const auto nothing = [](std::int64_t) {};
    if (type_ == IdType::integer) {
        std::int64_t wanted[kSearches];
        for (std::size_t k = 0; k < ids.size(); k++) wanted[k] = ids[k].integer;
        return search_together(size_, ids.size(), places, nothing, [&](std::size_t k, std::int64_t place) {
            return integers_[place] <= wanted[k];
        });
    }
    if (type_ == IdType::uuid) {
        UuidKey wanted[kSearches];
        for (std::size_t k = 0; k < ids.size(); k++) wanted[k] = uuid_key(ids[k].bytes.data());
        return search_together(size_, ids.size(), places, nothing, [&](std::size_t k, std::int64_t place) {
            return uuid_key(bytes_ + place * static_cast<std::int64_t>(kUuidBytes)) <= wanted[k];
        });
    }
    search_together(
        size_, ids.size(), places, [&](std::int64_t place) { __builtin_prefetch(bytes_ + offsets_[place]); },
        [&](std::size_t k, std::int64_t place) { return at(place).bytes <= ids[k].bytes; });
}

void IdView::find_all(std::span<const Id> ids, std::int32_t* indexes) const noexcept {
    if (size_ == 0 || integers_without_gaps()) {
        for (const Id& id : ids) *indexes++ = find(id);
        return;
    }
    std::int64_t places[kSearches];
    for (; !ids.empty(); ids = ids.subspan(std::min(kSearches, ids.size()))) {
        const auto some = ids.first(std::min(kSearches, ids.size()));
        search(some, places);
        for (std::size_t k = 0; k < some.size(); k++)
            *indexes++ = at(places[k]) == some[k] ? static_cast<std::int32_t>(places[k]) : kNotFound;
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
