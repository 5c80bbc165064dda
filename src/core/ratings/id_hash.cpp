#include "core/ratings/id_hash.hpp"

#include "core/runtime/random.hpp"

namespace personalize::core {

namespace {

// Up to eight bytes, the first one lowest.
std::uint64_t word_of(std::string_view bytes) noexcept {
    std::uint64_t word = 0;
    for (std::size_t k = 0; k < bytes.size(); k++)
        word |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[k])) << (8 * k);
    return word;
}

std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t state) noexcept {
    constexpr std::size_t kWord = sizeof(std::uint64_t);
    state = mix64(state ^ bytes.size());
    for (std::size_t from = 0; from < bytes.size(); from += kWord)
        state = mix64(state ^ word_of(bytes.substr(from, kWord)));
    return state;
}

}  // namespace

std::uint64_t hash_id(const Id& id, std::uint64_t seed) noexcept {
    const std::uint64_t state = mix64(mix64(seed) ^ static_cast<std::uint64_t>(id.type));
    if (id.type == IdType::integer) return mix64(state ^ static_cast<std::uint64_t>(id.integer));
    return hash_bytes(id.bytes, state);
}

std::uint64_t hash_ids(const Id& first, const Id& second, std::uint64_t seed) noexcept {
    return hash_id(second, hash_id(first, seed));
}

}  // namespace personalize::core
