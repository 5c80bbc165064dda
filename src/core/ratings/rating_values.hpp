// The values that ratings take: a short scale, or so many values that only quantiles tell.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/prepare/moments.hpp"
#include "core/runtime/host.hpp"
#include "core/runtime/memory_claim.hpp"

namespace personalize::core {

struct ValueCount {
    double value;
    std::int64_t count;
};

// Keeps up to kMaxDistinct values with their counts, and each single value once there are more of them.
class RatingValues {
  public:
    static constexpr std::size_t kMaxDistinct = 20;

    explicit RatingValues(MemoryBudget& budget) : claim_(&budget, "the ratings") {}

    // x must be finite. Throws MemoryLimitExceeded.
    void add(double x);

    const Moments& moments() const noexcept { return moments_; }
    // Ascending; empty where there are more than kMaxDistinct.
    std::vector<ValueCount> distribution() const;
    // One for each share (ascending); empty where distribution() is not, or nothing was added.
    std::vector<double> quantiles(std::span<const double> shares, Host& host);

  private:
    bool count_value(double x) noexcept;
    void keep_all_values();

    Moments moments_;
    std::array<ValueCount, kMaxDistinct> counts_{};
    std::size_t distinct_ = 0;  // kMaxDistinct + 1: more than counts_ holds
    MemoryClaim claim_;
    std::vector<double> values_;  // all of them, then
};

}  // namespace personalize::core
