#include "core/neighbours/neighbour_lists.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <thread>

namespace personalize::core {

namespace {

// The top of the heap makes room for `key`: one way down, where popping and pushing would take two.
void replace_worst(NeighbourKey* keys, std::int32_t count, NeighbourKey key) noexcept {
    std::int32_t place = 0;
    for (std::int32_t child; (child = 2 * place + 1) < count; place = child) {
        if (child + 1 < count && keys[child] > keys[child + 1]) child++;
        if (!(key > keys[child])) break;
        keys[place] = keys[child];
    }
    keys[place] = key;
}

}  // namespace

std::size_t NeighbourLists::memory(std::int64_t rows, std::int64_t neighbours) noexcept {
    constexpr std::size_t kRow =
        sizeof(std::int64_t) + sizeof(std::int32_t) + sizeof(std::atomic<float>) + sizeof(std::atomic_flag);
    return static_cast<std::size_t>(neighbours) * sizeof(NeighbourKey) + sizeof(std::int64_t) +
           static_cast<std::size_t>(rows) * kRow;
}

NeighbourLists::NeighbourLists(std::int64_t rows, const std::function<std::int32_t(std::int64_t)>& room)
    : start_(static_cast<std::size_t>(rows) + 1),
      count_(static_cast<std::size_t>(rows)),
      threshold_(static_cast<std::size_t>(rows)),
      locked_(static_cast<std::size_t>(rows)) {
    for (std::int64_t r = 0; r < rows; r++) {
        const std::int32_t most = room(r);
        start_[r + 1] = start_[r] + most;
        threshold_[r] = most > 0 ? std::numeric_limits<float>::min() : std::numeric_limits<float>::infinity();
    }
    keys_.resize(static_cast<std::size_t>(start_.back()));
}

void NeighbourLists::offer(std::int64_t row, float weight, std::int32_t index) noexcept {
    while (locked_[row].test_and_set(std::memory_order_acquire)) std::this_thread::yield();
    const NeighbourKey key(weight, index);
    NeighbourKey* const keys = keys_.data() + start_[row];
    const auto room = static_cast<std::int32_t>(start_[row + 1] - start_[row]);
    std::int32_t& count = count_[row];
    if (count < room) {
        keys[count++] = key;
        std::push_heap(keys, keys + count, std::greater<>());
    } else if (key > keys[0]) {
        replace_worst(keys, count, key);
    }
    if (count == room) threshold_[row].store(keys[0].weight(), std::memory_order_relaxed);
    locked_[row].clear(std::memory_order_release);
}

const NeighbourKey* NeighbourLists::sort_by_index(std::int64_t row) {
    NeighbourKey* const keys = keys_.data() + start_[row];
    std::sort(keys, keys + count_[row], [](NeighbourKey a, NeighbourKey b) { return a.index() < b.index(); });
    return keys;
}

}  // namespace personalize::core
