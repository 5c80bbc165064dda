// Ids of users and items: any integer, a uuid or a text, and their dense 32-bit indexes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/runtime/host.hpp"
#include "core/runtime/memory_claim.hpp"
#include "core/runtime/poll_counter.hpp"

namespace personalize::core {

// The values are stored in models: never renumber.
enum class IdType : std::uint8_t { integer = 1, uuid = 2, text = 3 };

inline constexpr std::size_t kUuidBytes = 16;
// No model holds more users or items than this.
inline constexpr std::int64_t kMaxIds = 0x7FFFFFF0;

// One id. `bytes` is used by uuid (16 bytes) and text (UTF-8 or any other encoding, not terminated); it is a
// view.
struct Id {
    IdType type = IdType::integer;
    std::int64_t integer = 0;
    std::string_view bytes = {};

    static Id of(std::int64_t value) { return {IdType::integer, value, {}}; }
    static Id uuid(std::string_view sixteen_bytes) { return {IdType::uuid, 0, sixteen_bytes}; }
    static Id text(std::string_view bytes) { return {IdType::text, 0, bytes}; }
    friend bool operator==(const Id&, const Id&) = default;
};

// For messages: digits, a uuid's usual form, or the text in quotes, cut at the end of a UTF-8 character when
// it is longer than 60 bytes.
std::string to_string(const Id& id);

// Distinct ids in ascending order (integers by value, uuid and text by their bytes, unsigned); the index of
// an id is its place in that order, so that it does not depend on the order of rows. A view: the memory is
// another's (an IdList, or a mapped model).
class IdView {
  public:
    static constexpr std::int32_t kNotFound = -1;

    IdView() = default;
    static IdView integers(std::span<const std::int64_t> sorted);
    static IdView uuids(const char* sorted, std::int64_t count);
    // offsets has count + 1 entries; text k is pool[offsets[k], offsets[k + 1]).
    static IdView texts(std::span<const std::uint64_t> offsets, const char* pool);

    IdType type() const noexcept { return type_; }
    std::int64_t size() const noexcept { return size_; }
    Id at(std::int64_t index) const noexcept;
    // Index of an id of the same type, or kNotFound. O(log n); O(1) where integers have no gaps.
    std::int32_t find(const Id& id) const noexcept;
    // find() of several ids, into as many indexes. Faster by a multiple where the ids do not fit in the
    // caches: the memory that some searches wait for is asked for at once.
    void find_all(std::span<const Id> ids, std::int32_t* indexes) const noexcept;

    // Raw parts, for writing them elsewhere.
    std::span<const std::int64_t> integer_values() const noexcept;
    std::span<const std::uint64_t> text_offsets() const noexcept;  // texts only
    const char* bytes() const noexcept { return bytes_; }          // uuids and texts

  private:
    bool integers_without_gaps() const noexcept;
    void search(std::span<const Id> ids, std::int64_t* places) const noexcept;

    IdType type_ = IdType::integer;
    std::int64_t size_ = 0;
    const std::int64_t* integers_ = nullptr;
    const std::uint64_t* offsets_ = nullptr;
    const char* bytes_ = nullptr;
};

// Distinct sorted ids that own their memory.
class IdList {
  public:
    explicit IdList(IdType type = IdType::integer) : type_(type) {}

    IdView view() const noexcept;
    std::int64_t size() const noexcept { return view().size(); }
    std::size_t memory() const noexcept {  // bytes held
        return integers_.size() * sizeof(std::int64_t) + offsets_.size() * sizeof(std::uint64_t) +
               bytes_.size();
    }
    // The ids with these indexes, which ascend.
    IdList subset(std::span<const std::int32_t> indexes) const;

  private:
    friend class IdDictionary;
    IdType type_;
    std::vector<std::int64_t> integers_;
    std::vector<std::uint64_t> offsets_{0};
    std::vector<char> bytes_;
};

// Gives each distinct id a code in order of first appearance, fast enough to do it for every row read
// (open addressing; about 60 million integers/s, 3 to 6 million texts/s). finish() then orders the ids.
class IdDictionary {
  public:
    // Memory is claimed from `budget` (null: no limit) before it is allocated.
    explicit IdDictionary(IdType type, MemoryBudget* budget = nullptr);

    IdType type() const noexcept { return type_; }
    // id.type must be type(). Throws InvalidInput past kMaxIds, MemoryLimitExceeded.
    std::uint32_t code(const Id& id) {
        return type_ == IdType::integer ? code_of_integer(static_cast<std::uint64_t>(id.integer))
                                        : code_of_bytes(id.bytes);
    }
    std::int64_t size() const noexcept { return size_; }
    std::size_t memory() const noexcept;  // bytes held now

    // Sorts. `index_of_code[c]` becomes the index in the returned list of the id with code c. Ends the
    // dictionary. What the list and index_of_code hold stays claimed; the rest is released. Polls the host.
    IdList finish(std::vector<std::int32_t>& index_of_code, Host& host);

  private:
    static constexpr std::uint32_t kFree = 0xFFFFFFFF;  // > kMaxIds: no code
    struct Slot {
        std::uint64_t key;  // the integer itself, or the hash of the bytes
        std::uint32_t code = kFree;
    };
    struct KeyedCode;

    std::size_t place(std::uint64_t key) const noexcept;
    std::uint32_t code_of_integer(std::uint64_t key);
    std::uint32_t code_of_bytes(std::string_view bytes);
    std::uint32_t insert(std::size_t at, std::uint64_t key);
    void append(std::string_view bytes);
    void grow_slots();
    std::string_view bytes_of(std::uint32_t code) const noexcept;
    std::size_t common_prefix() const noexcept;
    std::vector<KeyedCode> keyed_codes(PollCounter& progress) const;
    void order_equal_keys(std::vector<KeyedCode>& sorted, PollCounter& progress) const;
    IdList list_of(const std::vector<KeyedCode>& sorted, PollCounter& progress) const;

    IdType type_;
    MemoryClaim claim_;
    std::int64_t size_ = 0;
    std::uint32_t last_ = kFree;  // the code given last: rows of one user often follow one another
    int shift_ = 0;               // 64 - log2(slots)
    std::vector<Slot> slots_;
    std::vector<std::uint64_t> offsets_{0};  // texts, by code
    std::vector<char> bytes_;                // texts and uuids, by code
};

inline std::size_t IdDictionary::place(std::uint64_t key) const noexcept {
    const auto product = static_cast<unsigned __int128>(key ^ 0xA0761D6478BD642Full) * 0xE7037ED1A0B428DBull;
    return (static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64)) >> shift_;
}

inline std::uint32_t IdDictionary::code_of_integer(std::uint64_t key) {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = place(key);; at = (at + 1) & mask) {
        const Slot& slot = slots_[at];
        if (slot.key == key && slot.code != kFree) return slot.code;
        if (slot.code == kFree) return insert(at, key);
    }
}

}  // namespace personalize::core
