// Memory is added up before it is allocated: reserve() first, allocate after.
#pragma once

#include <cstddef>

namespace personalize::core {

class MemoryBudget {
  public:
    explicit MemoryBudget(std::size_t limit_bytes) : limit_(limit_bytes) {}

    // Claims `bytes` for `what` ("the ratings", "the factors"). Throws MemoryLimitExceeded, naming both
    // numbers, when the sum of all claims would pass the limit; the claim is then not made. hint: what would
    // need less, where that is not fewer rows.
    void reserve(std::size_t bytes, const char* what, const char* hint = "");
    void release(std::size_t bytes) noexcept { used_ -= bytes < used_ ? bytes : used_; }

    std::size_t used() const noexcept { return used_; }
    std::size_t limit() const noexcept { return limit_; }

  private:
    std::size_t limit_;
    std::size_t used_ = 0;
};

}  // namespace personalize::core
