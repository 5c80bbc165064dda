#include "core/ratings/seen_items.hpp"

#include <algorithm>
#include <bit>

#include "core/runtime/poll_counter.hpp"

namespace personalize::core {

namespace {

// Of a gap between two items.
int bytes_of(std::uint32_t gap) { return (std::bit_width(gap | 1u) + 6) / 7; }

// Calls visit(gap) for each item of a user.
template <class Visit>
void for_each_gap(std::span<const std::int32_t> items, Visit&& visit) {
    std::int32_t before = -1;
    for (const std::int32_t item : items) {
        visit(static_cast<std::uint32_t>(item - before - 1));
        before = item;
    }
}

// Reads one gap and moves `at` behind it. False where it is cut off, or more than an item's index can be.
bool read_gap(std::span<const std::uint8_t>& at, std::int64_t& gap) {
    gap = 0;
    for (int shift = 0; !at.empty() && shift <= 28; shift += 7) {
        const std::uint8_t byte = at.front();
        at = at.subspan(1);
        gap |= static_cast<std::int64_t>(byte & 0x7F) << shift;
        if ((byte & 0x80) == 0) return gap <= 0x7FFFFFFF;
    }
    return false;
}

}  // namespace

std::vector<std::int32_t> SeenItems::of(std::int64_t user) const {
    std::vector<std::int32_t> items;
    for_each(user, [&](std::int32_t item) { items.push_back(item); });
    return items;
}

// The last byte of a gap has no highest bit.
std::int64_t SeenItems::count(std::int64_t user) const noexcept {
    const auto bytes = gaps(user);
    return std::count_if(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return (byte & 0x80) == 0; });
}

const char* wrong_with_seen(const SeenItems& seen, std::int64_t items) noexcept {
    const auto start = seen.start();
    bool ascending = start.front() == 0 && start.back() == std::ssize(seen.gaps());
    for (std::size_t u = 1; u < start.size(); u++) ascending &= start[u - 1] <= start[u];
    if (!ascending) return "seen items are not divided among its users";
    for (std::int64_t user = 0; user + 1 < std::ssize(start); user++) {
        std::int64_t item = -1, gap = 0;
        for (auto at = seen.gaps(user); !at.empty();) {
            if (!read_gap(at, gap)) return "seen items are cut off";
            item += gap + 1;
            if (item >= items) return "seen items name one that does not exist";
        }
    }
    return nullptr;
}

SeenItemsList::SeenItemsList(const SparseMatrix& by_user, MemoryBudget& budget, Host& host) {
    PollCounter progress(host);
    std::size_t bytes = 0;
    for (std::int64_t user = 0; user < by_user.rows(); user++) {
        for_each_gap(by_user.row(user).columns, [&](std::uint32_t gap) { bytes += bytes_of(gap); });
        progress.count(std::ssize(by_user.row(user).columns) + 1);
    }
    budget.reserve(bytes + by_user.start.size() * sizeof(std::int64_t), "the model");
    start_.reserve(by_user.start.size());
    gaps_.reserve(bytes);
    for (std::int64_t user = 0; user < by_user.rows(); user++) {
        add_user(by_user.row(user).columns);
        progress.count(std::ssize(by_user.row(user).columns) + 1);
    }
}

void SeenItemsList::add_user(std::span<const std::int32_t> ascending) {
    for_each_gap(ascending, [this](std::uint32_t gap) {
        for (; gap > 0x7F; gap >>= 7) gaps_.push_back(static_cast<std::uint8_t>(gap | 0x80));
        gaps_.push_back(static_cast<std::uint8_t>(gap));
    });
    start_.push_back(std::ssize(gaps_));
}

void SeenItemsList::append(std::span<const std::uint8_t> gaps) {
    gaps_.insert(gaps_.end(), gaps.begin(), gaps.end());
    start_.push_back(std::ssize(gaps_));
}

}  // namespace personalize::core
