// Random numbers that are the same on every machine and for every number of threads: each value is a pure
// function of (seed, stream, position), so threads need no shared state.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

namespace personalize::core {

// SplitMix64 (Steele, Lea, Flood 2014): one well-mixed 64-bit word for every input word.
constexpr std::uint64_t mix64(std::uint64_t x) {
    x += 0x9E3779B97F4A7C15ull;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
    return x ^ (x >> 31);
}

class Random {
  public:
    Random(std::uint64_t seed, std::uint64_t stream) : state_(mix64(mix64(seed) ^ stream)) {}

    std::uint64_t next() { return mix64(state_ += 0x9E3779B97F4A7C15ull); }
    // Uniform in [0, 1).
    double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
    // Uniform in {0, ..., n - 1}; n > 0.
    std::uint64_t below(std::uint64_t n) {
        return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * n) >> 64);
    }
    // Standard normal (Box and Muller 1958).
    double normal() {
        const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
        return radius * std::cos(2.0 * std::numbers::pi * uniform());
    }

  private:
    std::uint64_t state_;
};

}  // namespace personalize::core
