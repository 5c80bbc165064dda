#include "core/model/checksum.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace personalize::core {

namespace {

constexpr std::uint64_t kPrime1 = 0x9E3779B185EBCA87, kPrime2 = 0xC2B2AE3D27D4EB4F,
                        kPrime3 = 0x165667B19E3779F9, kPrime4 = 0x85EBCA77C2B2AE63,
                        kPrime5 = 0x27D4EB2F165667C5;

std::uint64_t round(std::uint64_t lane, std::uint64_t word) {
    return std::rotl(lane + word * kPrime2, 31) * kPrime1;
}

std::uint64_t merge(std::uint64_t hash, std::uint64_t lane) {
    return (hash ^ round(0, lane)) * kPrime1 + kPrime4;
}

std::uint64_t avalanche(std::uint64_t hash) {
    hash = (hash ^ hash >> 33) * kPrime2;
    hash = (hash ^ hash >> 29) * kPrime3;
    return hash ^ hash >> 32;
}

std::uint64_t hash_lanes(std::span<const std::byte> bytes) {
    std::array<std::uint64_t, 4> lanes{kPrime1 + kPrime2, kPrime2, 0, 0 - kPrime1}, words;
    for (std::size_t at = 0; at < bytes.size(); at += kChecksumStep) {
        std::memcpy(words.data(), bytes.data() + at, kChecksumStep);
        for (std::size_t k = 0; k < lanes.size(); k++) lanes[k] = round(lanes[k], words[k]);
    }
    std::uint64_t hash =
        std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
    for (const std::uint64_t lane : lanes) hash = merge(hash, lane);
    return hash;
}

}  // namespace

std::uint64_t checksum(std::span<const std::byte> bytes) noexcept {
    const std::uint64_t hash = bytes.empty() ? kPrime5 : hash_lanes(bytes);
    return avalanche(hash + bytes.size());
}

}  // namespace personalize::core
