// Hashes of ids that never change: what falls into a holdout or a group today falls into it tomorrow, on any
// machine.
#pragma once

#include <cstdint>

#include "core/ratings/ids.hpp"

namespace personalize::core {

// 64 well-mixed bits of an id. An integer has the same hash whatever width its column had; a text that looks
// like an integer has another one.
std::uint64_t hash_id(const Id& id, std::uint64_t seed) noexcept;
// Of an ordered pair.
std::uint64_t hash_ids(const Id& first, const Id& second, std::uint64_t seed) noexcept;

// The hash as a number in [0, 1), uniform over ids.
constexpr double unit_interval(std::uint64_t hash) noexcept {
    return static_cast<double>(hash >> 11) * 0x1p-53;
}

}  // namespace personalize::core
