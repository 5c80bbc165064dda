#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "core/ratings/ids.hpp"
#include "core/runtime/error.hpp"

namespace personalize::core {

namespace {

constexpr std::size_t kFirstSlots = 256;
constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63;
constexpr int kDigitBits = 8;
constexpr std::size_t kDigits = std::size_t{1} << kDigitBits;

std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Up to eight bytes, missing ones zero.
std::uint64_t load(const char* bytes, std::size_t count = 8) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, count);
    return word;
}

// Folded multiplication, 16 bytes a step, after wyhash (Wang Yi).
std::uint64_t hash_bytes(std::string_view bytes) noexcept {
    constexpr std::uint64_t kA = 0xA0761D6478BD642F, kB = 0xE7037ED1A0B428DB, kC = 0x8EBC6AF09C88C6E3;
    std::uint64_t state = kC ^ bytes.size();
    const char* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 16; at += 16, left -= 16) state = fold(load(at) ^ kA, load(at + 8) ^ kB ^ state);
    const std::uint64_t low = left == 0 ? 0 : load(at, std::min<std::size_t>(left, 8));
    const std::uint64_t high = left <= 8 ? 0 : load(at + 8, left - 8);
    return fold(low ^ kA, high ^ kB ^ state);
}

// Orders as the bytes from `skip` on do, as far as eight bytes tell.
std::uint64_t order_key(std::string_view bytes, std::size_t skip) noexcept {
    const std::size_t count = std::min<std::size_t>(8, bytes.size() - skip);
    const std::uint64_t word = count == 0 ? 0 : load(bytes.data() + skip, count);
    return std::endian::native == std::endian::little ? __builtin_bswap64(word) : word;
}

}  // namespace

struct IdDictionary::KeyedCode {
    std::uint64_t key;
    std::uint32_t code;
};

namespace {

// Least significant digit first; digits that all keys share cost nothing.
template <class Keyed>
void sort_by_key(std::vector<Keyed>& entries, PollCounter& progress) {
    std::array<std::array<std::size_t, kDigits>, 64 / kDigitBits> counts{};
    for (const Keyed& entry : entries) {
        for (std::size_t d = 0; d < counts.size(); d++)
            counts[d][entry.key >> (d * kDigitBits) & (kDigits - 1)]++;
        progress.count();
    }
    std::vector<Keyed> sorted(entries.size());
    for (std::size_t d = 0; d < counts.size(); d++) {
        auto& next = counts[d];
        if (std::find(next.begin(), next.end(), entries.size()) != next.end()) continue;
        std::size_t sum = 0;
        for (auto& place : next) sum += std::exchange(place, sum);
        for (const Keyed& entry : entries) {
            sorted[next[entry.key >> (d * kDigitBits) & (kDigits - 1)]++] = entry;
            progress.count();
        }
        entries.swap(sorted);
    }
}

}  // namespace

IdDictionary::IdDictionary(IdType type, MemoryBudget* budget) : type_(type), claim_(budget, "the ids") {
    claim_.add(offsets_.capacity() * sizeof(std::uint64_t));
    grow_slots();
}

std::size_t IdDictionary::memory() const noexcept { return claim_.bytes(); }

std::uint32_t IdDictionary::code_of_bytes(std::string_view bytes) {
    if (last_ != kFree && bytes_of(last_) == bytes) return last_;
    const std::uint64_t key = hash_bytes(bytes);
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = place(key);; at = (at + 1) & mask) {
        const Slot& slot = slots_[at];
        if (slot.code == kFree) {
            append(bytes);
            return last_ = insert(at, key);
        }
        if (slot.key == key && bytes_of(slot.code) == bytes) return last_ = slot.code;
    }
}

std::uint32_t IdDictionary::insert(std::size_t at, std::uint64_t key) {
    if (size_ >= kMaxIds)
        throw InvalidInput("there are more than " + std::to_string(kMaxIds) + " distinct ids",
                           "Train on fewer users or items.");
    const auto code = static_cast<std::uint32_t>(size_++);
    slots_[at] = {key, code};
    if (static_cast<std::size_t>(size_) * 2 > slots_.size()) grow_slots();
    return code;
}

void IdDictionary::append(std::string_view bytes) {
    grow(bytes_, bytes_.size() + bytes.size(), claim_);
    if (type_ == IdType::text) grow(offsets_, offsets_.size() + 1, claim_);
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    if (type_ == IdType::text) offsets_.push_back(bytes_.size());
}

void IdDictionary::grow_slots() {
    const std::size_t count = slots_.empty() ? kFirstSlots : 2 * slots_.size();
    claim_.add(count * sizeof(Slot));
    std::vector<Slot> before(count);
    before.swap(slots_);
    shift_ = 64 - std::countr_zero(count);
    for (const Slot& slot : before) {
        if (slot.code == kFree) continue;
        std::size_t at = place(slot.key);
        while (slots_[at].code != kFree) at = (at + 1) & (count - 1);
        slots_[at] = slot;
    }
    drop(before, claim_);
}

std::string_view IdDictionary::bytes_of(std::uint32_t code) const noexcept {
    if (type_ == IdType::uuid) return {bytes_.data() + code * kUuidBytes, kUuidBytes};
    return {bytes_.data() + offsets_[code], offsets_[code + 1] - offsets_[code]};
}

// Length of what all texts begin with ("customer-").
std::size_t IdDictionary::common_prefix() const noexcept {
    if (size_ == 0) return 0;
    std::string_view prefix = bytes_of(0);
    for (std::uint32_t code = 1; code < size_ && !prefix.empty(); code++) {
        const std::string_view bytes = bytes_of(code);
        const auto end = std::mismatch(prefix.begin(), prefix.end(), bytes.begin(), bytes.end()).first;
        prefix = prefix.substr(0, static_cast<std::size_t>(end - prefix.begin()));
    }
    return prefix.size();
}

std::vector<IdDictionary::KeyedCode> IdDictionary::keyed_codes(PollCounter& progress) const {
    std::vector<KeyedCode> result;
    result.reserve(static_cast<std::size_t>(size_));
    if (type_ == IdType::integer) {
        for (const Slot& slot : slots_) {
            if (slot.code != kFree) result.push_back({slot.key ^ kSignBit, slot.code});
            progress.count();
        }
        return result;
    }
    const std::size_t skip = common_prefix();
    for (std::uint32_t code = 0; code < size_; code++) {
        result.push_back({order_key(bytes_of(code), skip), code});
        progress.count();
    }
    return result;
}

void IdDictionary::order_equal_keys(std::vector<KeyedCode>& sorted, PollCounter& progress) const {
    const auto by_bytes = [&](const KeyedCode& a, const KeyedCode& b) {
        progress.count();
        return bytes_of(a.code) < bytes_of(b.code);
    };
    for (auto from = sorted.begin(); from != sorted.end();) {
        auto to = from + 1;
        while (to != sorted.end() && to->key == from->key) ++to;
        if (to - from > 1) std::sort(from, to, by_bytes);
        from = to;
    }
}

IdList IdDictionary::list_of(const std::vector<KeyedCode>& sorted, PollCounter& progress) const {
    IdList list(type_);
    if (type_ == IdType::integer) {
        list.integers_.reserve(sorted.size());
        for (const KeyedCode& entry : sorted)
            list.integers_.push_back(static_cast<std::int64_t>(entry.key ^ kSignBit));
        return list;
    }
    list.bytes_.reserve(bytes_.size());
    if (type_ == IdType::text) list.offsets_.reserve(sorted.size() + 1);
    for (const KeyedCode& entry : sorted) {
        const std::string_view bytes = bytes_of(entry.code);
        list.bytes_.insert(list.bytes_.end(), bytes.begin(), bytes.end());
        if (type_ == IdType::text) list.offsets_.push_back(list.bytes_.size());
        progress.count();
    }
    return list;
}

IdList IdDictionary::finish(std::vector<std::int32_t>& index_of_code, Host& host) {
    const auto count = static_cast<std::size_t>(size_);
    const std::size_t sorting = 2 * count * sizeof(KeyedCode);
    PollCounter progress(host);
    claim_.add(sorting);
    std::vector<KeyedCode> sorted = keyed_codes(progress);
    drop(slots_, claim_);
    sort_by_key(sorted, progress);
    if (type_ != IdType::integer) order_equal_keys(sorted, progress);

    std::size_t result = count * sizeof(std::int32_t) + bytes_.size();
    if (type_ == IdType::integer) result += count * sizeof(std::int64_t);
    if (type_ == IdType::text) result += (count + 1) * sizeof(std::uint64_t);
    claim_.add(result);
    IdList list = list_of(sorted, progress);
    index_of_code.resize(count);
    for (std::size_t k = 0; k < count; k++) {
        index_of_code[sorted[k].code] = static_cast<std::int32_t>(k);
        progress.count();
    }
    claim_.hand_over(result);

    claim_.remove(sorting);
    drop(bytes_, claim_);
    drop(offsets_, claim_);
    size_ = 0;
    last_ = kFree;
    return list;
}

}  // namespace personalize::core
