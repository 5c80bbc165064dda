#include "core/ratings/id_hash.hpp"

#include <cstring>

#include "core/runtime/random.hpp"

namespace personalize::core {

namespace {

std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t state) noexcept {
    state = mix64(state ^ bytes.size());
    while (!bytes.empty()) {
        std::uint64_t word = 0;
        const std::size_t length = bytes.size() < sizeof word ? bytes.size() : sizeof word;
        std::memcpy(&word, bytes.data(), length);
        state = mix64(state ^ word);
        bytes.remove_prefix(length);
    }
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
