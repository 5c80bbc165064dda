// Shares of a memory budget that are given back when their holder ends.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "core/runtime/memory_budget.hpp"

namespace personalize::core {

class MemoryClaim {
  public:
    // Claims nothing yet. budget null: there is no limit.
    MemoryClaim(MemoryBudget* budget, const char* what) : budget_(budget), what_(what) {}
    ~MemoryClaim() { remove(bytes_); }
    MemoryClaim(const MemoryClaim&) = delete;
    MemoryClaim& operator=(const MemoryClaim&) = delete;

    // Throws MemoryLimitExceeded and claims nothing.
    void add(std::size_t bytes) {
        if (budget_ != nullptr) budget_->reserve(bytes, what_);
        bytes_ += bytes;
    }
    void remove(std::size_t bytes) noexcept {
        if (budget_ != nullptr) budget_->release(bytes);
        bytes_ -= bytes;
    }
    // Leaves `bytes` claimed when the holder ends: they go with a result.
    void hand_over(std::size_t bytes) noexcept { bytes_ -= bytes; }
    // Answers for `bytes` that another has claimed and handed over.
    void take_over(std::size_t bytes) noexcept { bytes_ += bytes; }
    std::size_t bytes() const noexcept { return bytes_; }

  private:
    MemoryBudget* budget_;
    const char* what_;
    std::size_t bytes_ = 0;
};

// Gives back, when it ends, whatever has been claimed since it began.
class ScratchClaims {
  public:
    explicit ScratchClaims(MemoryBudget& budget) : budget_(budget), before_(budget.used()) {}
    ~ScratchClaims() { budget_.release(budget_.used() - before_); }
    ScratchClaims(const ScratchClaims&) = delete;
    ScratchClaims& operator=(const ScratchClaims&) = delete;

  private:
    MemoryBudget& budget_;
    const std::size_t before_;
};

// Makes room for `count` elements; the old and the new memory are both claimed while elements move.
template <class T>
void grow(std::vector<T>& elements, std::size_t count, MemoryClaim& claim) {
    if (count <= elements.capacity()) return;
    const std::size_t before = elements.capacity(), after = std::max(count, 2 * before);
    claim.add(after * sizeof(T));
    elements.reserve(after);
    claim.remove(before * sizeof(T));
}

// Frees them.
template <class T>
void drop(std::vector<T>& elements, MemoryClaim& claim) noexcept {
    const std::size_t bytes = elements.capacity() * sizeof(T);
    std::vector<T>().swap(elements);
    claim.remove(bytes);
}

}  // namespace personalize::core
