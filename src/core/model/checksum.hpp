// XXH64 (Yann Collet), for the bytes of a model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace personalize::core {

inline constexpr std::size_t kChecksumStep = 32;

// XXH64 with seed 0 of a multiple of kChecksumStep bytes, at any address. Some 10 GB/s.
std::uint64_t checksum(std::span<const std::byte> bytes) noexcept;

}  // namespace personalize::core
