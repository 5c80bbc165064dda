// The items that each user has seen, in little more than a byte each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/ratings/sparse_matrix.hpp"
#include "core/runtime/bulk_memory.hpp"
#include "core/runtime/host.hpp"
#include "core/runtime/memory_budget.hpp"

namespace personalize::core {

// Of each item, ascending, the number of indexes between it and the one before, in groups of 7 bits, the
// lowest first; the highest bit of a byte says that another one follows (LEB128). A view.
class SeenItems {
  public:
    SeenItems() = default;
    // start: users + 1 offsets into gaps.
    SeenItems(std::span<const std::int64_t> start, std::span<const std::uint8_t> gaps)
        : start_(start), gaps_(gaps) {}

    // Calls visit(item) for each, ascending.
    template <class Visit>
    void for_each(std::int64_t user, Visit&& visit) const {
        std::int32_t item = -1;
        for (const std::uint8_t* at = gaps_.data() + start_[user]; at < gaps_.data() + start_[user + 1];) {
            std::int32_t gap = *at & 0x7F;
            // The limit ends a code that has no end, in a file that was damaged after its image had been
            // checked.
            for (int shift = 7; (*at++ & 0x80) != 0 && shift <= 28; shift += 7) gap |= (*at & 0x7F) << shift;
            visit(item += gap + 1);
        }
    }
    std::vector<std::int32_t> of(std::int64_t user) const;
    std::int64_t count(std::int64_t user) const noexcept;  // in the time of a user's bytes

    std::span<const std::int64_t> start() const noexcept { return start_; }
    std::span<const std::uint8_t> gaps() const noexcept { return gaps_; }
    std::span<const std::uint8_t> gaps(std::int64_t user) const noexcept {
        return gaps_.subspan(static_cast<std::size_t>(start_[user]),
                             static_cast<std::size_t>(start_[user + 1] - start_[user]));
    }

  private:
    std::span<const std::int64_t> start_;
    std::span<const std::uint8_t> gaps_;
};

// What is wrong with bytes that claim to be such, of items below `items`; null: nothing.
const char* wrong_with_seen(const SeenItems& seen, std::int64_t items) noexcept;

class SeenItemsList {
  public:
    SeenItemsList() = default;
    // Of all users, the columns of their rows. Claims from `budget` what it takes, for the caller. Polls the
    // host.
    SeenItemsList(const SparseMatrix& by_user, MemoryBudget& budget, Host& host);
    void add_user(std::span<const std::int32_t> ascending);
    void add_user(const SeenItems& seen, std::int64_t user) { append(seen.gaps(user)); }

    SeenItems view() const noexcept { return {start_, gaps_}; }

  private:
    void append(std::span<const std::uint8_t> gaps);

    std::vector<std::int64_t> start_{0};
    BulkVector<std::uint8_t> gaps_;
};

}  // namespace personalize::core
