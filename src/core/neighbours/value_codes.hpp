// Floats of at most 256 different values in a byte each: ratings are such.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace personalize::core {

class ValueCodes {
  public:
    // Whether the value has a code now: false for a 257th value.
    bool add(float value) noexcept {
        const std::size_t slot = find(value);
        if (slots_[slot] != kFree) return true;
        if (count_ == table_.size()) return false;
        table_[count_] = value;
        slots_[slot] = static_cast<std::int16_t>(count_++);
        return true;
    }

    std::uint8_t code(float value) const noexcept { return static_cast<std::uint8_t>(slots_[find(value)]); }
    double value(std::uint8_t code) const noexcept { return table_[code]; }

  private:
    static constexpr std::int16_t kFree = -1;
    static constexpr std::size_t kSlots = 1024;

    std::uint32_t bits_of(std::int16_t code) const noexcept {
        return std::bit_cast<std::uint32_t>(static_cast<float>(table_[static_cast<std::size_t>(code)]));
    }
    // Where the value is, or would be.
    std::size_t find(float value) const noexcept {
        const auto bits = std::bit_cast<std::uint32_t>(value);
        std::size_t slot = (bits * 2654435761u) >> 22;
        while (slots_[slot] != kFree && bits_of(slots_[slot]) != bits) slot = (slot + 1) % kSlots;
        return slot;
    }

    std::array<double, 256> table_{};  // in double, as sums are
    std::array<std::int16_t, kSlots> slots_ = [] {
        std::array<std::int16_t, kSlots> slots;
        slots.fill(kFree);
        return slots;
    }();
    std::size_t count_ = 0;
};

}  // namespace personalize::core
