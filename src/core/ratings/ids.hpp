// Ids of users and items: any integer, a uuid or a text, and their dense 32-bit indexes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

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

    // Raw parts, for writing them elsewhere.
    std::span<const std::int64_t> integer_values() const noexcept;
    std::span<const std::uint64_t> text_offsets() const noexcept;  // texts only
    const char* bytes() const noexcept { return bytes_; }          // uuids and texts

  private:
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

  private:
    friend class IdDictionary;
    IdType type_;
    std::vector<std::int64_t> integers_;
    std::vector<std::uint64_t> offsets_{0};
    std::vector<char> bytes_;
};

// Gives each distinct id a code in order of first appearance, fast enough to do it for every row read
// (open addressing; about 100 million integers/s). finish() then orders the ids.
class IdDictionary {
  public:
    explicit IdDictionary(IdType type);

    IdType type() const noexcept { return type_; }
    std::uint32_t code(const Id& id);  // id.type must be type(). Throws InvalidInput past kMaxIds.
    std::int64_t size() const noexcept { return size_; }
    std::size_t memory() const noexcept;  // bytes held now

    // Sorts. `index_of_code[c]` becomes the index in the returned list of the id with code c. Ends the
    // dictionary.
    IdList finish(std::vector<std::int32_t>& index_of_code);

  private:
    struct Slot {
        std::uint64_t key;  // the integer itself, or the hash of the bytes
        std::uint32_t code;
    };
    IdType type_;
    std::int64_t size_ = 0;
    std::vector<Slot> slots_;
    std::vector<std::int64_t> integers_;  // by code
    std::vector<std::uint64_t> offsets_;  // by code
    std::vector<char> bytes_;
};

}  // namespace personalize::core
