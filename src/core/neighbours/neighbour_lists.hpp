// The best neighbours of many entities, found in any order by several threads.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "core/ratings/sparse_matrix.hpp"
#include "core/runtime/bulk_memory.hpp"

namespace personalize::core {

// A neighbour as one number: a greater weight first, of equal weights the smaller index. Weights are
// positive, so that their bits are in their order.
class NeighbourKey {
  public:
    NeighbourKey() = default;
    NeighbourKey(float weight, std::int32_t index) noexcept
        : bits_(std::uint64_t{std::bit_cast<std::uint32_t>(weight)} << 32 |
                ~static_cast<std::uint32_t>(index)) {}
    float weight() const noexcept { return std::bit_cast<float>(static_cast<std::uint32_t>(bits_ >> 32)); }
    std::int32_t index() const noexcept {
        return static_cast<std::int32_t>(~static_cast<std::uint32_t>(bits_));
    }
    friend bool operator>(NeighbourKey a, NeighbourKey b) noexcept { return a.bits_ > b.bits_; }

  private:
    std::uint64_t bits_;
};

// What is kept are the best of all that was offered, so neither the order of offers nor the threads matter.
class NeighbourLists {
  public:
    // room(r): most neighbours of row r.
    NeighbourLists(std::int64_t rows, const std::function<std::int32_t(std::int64_t)>& room);

    // Nothing below it is kept in the row. It only rises: what another thread reads is never too high. At
    // least the smallest normal float, so that weights of which rounding leaves little, that are not positive
    // or not a number, are never `>=`.
    float threshold(std::int64_t row) const noexcept {
        return threshold_[row].load(std::memory_order_relaxed);
    }
    // Any thread may call it. weight >= threshold(row), finite.
    void offer(std::int64_t row, float weight, std::int32_t index) noexcept;

    // When no thread offers any more: the row's neighbours, indexes ascending.
    std::int32_t count(std::int64_t row) const noexcept { return count_[row]; }
    const NeighbourKey* sort_by_index(std::int64_t row);

    static std::size_t memory(std::int64_t rows, std::int64_t neighbours) noexcept;

  private:
    std::vector<std::int64_t> start_;
    std::vector<std::int32_t> count_;
    std::vector<std::atomic<float>> threshold_;
    std::vector<std::atomic_flag> locked_;
    BulkVector<NeighbourKey> keys_;  // of each row a heap, the worst on top
};

}  // namespace personalize::core
