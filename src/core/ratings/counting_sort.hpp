// A stable sort of many entries into few buckets, on several threads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/runtime/parallel.hpp"

namespace personalize::core {

inline constexpr std::int64_t kEntriesPerStopPoint = 1 << 14;  // a millisecond of cache misses

// The entries come in segments, which are worked on side by side and have a counter for every bucket each.
// First count(), then place(), over the same entries.
class CountingSort {
  public:
    CountingSort(std::int64_t segments, std::int64_t buckets, int threads, Host& host)
        : segments_(segments),
          buckets_(buckets),
          threads_(threads),
          host_(host),
          next_(static_cast<std::size_t>(segments * buckets)) {}

    // Segments that so many entries are worth being cut into.
    static std::int64_t segments(std::int64_t entries, std::int64_t buckets) noexcept {
        return std::clamp<std::int64_t>(entries / (kEntriesPerCounter * std::max<std::int64_t>(1, buckets)),
                                        1, kMostSegments);
    }
    // Bytes that so many take: at most 2 for each entry, or one counter a bucket.
    static std::size_t memory(std::int64_t segments, std::int64_t buckets) noexcept {
        return static_cast<std::size_t>(segments * buckets) * sizeof(std::int64_t);
    }

    // Calls visit(segment, count), which calls count(bucket) for each entry. Returns where the buckets start,
    // and the end of the last.
    template <class Visit>
    std::vector<std::int64_t> count(const Visit& visit) {
        for_each_segment([&](std::int64_t segment, std::int64_t* next) {
            visit(segment, [next](std::int64_t bucket) { next[bucket]++; });
        });
        return starts();
    }

    // Calls visit(segment, place), which calls place(bucket) for each entry and so gets where it belongs.
    template <class Visit>
    void place(const Visit& visit) {
        for_each_segment([&](std::int64_t segment, std::int64_t* next) {
            visit(segment, [next](std::int64_t bucket) { return next[bucket]++; });
        });
    }

  private:
    static constexpr std::int64_t kMostSegments = 16, kEntriesPerCounter = 4;

    template <class Run>
    void for_each_segment(const Run& run) {
        parallel_chunks(host_, threads_, segments_, [&]() -> ChunkBody {
            return [&](std::int64_t segment) { run(segment, next_.data() + segment * buckets_); };
        });
    }

    // Turns counts into places: a bucket's entries are those of the first segment, then those of the next.
    std::vector<std::int64_t> starts() {
        std::vector<std::int64_t> start{0};
        start.reserve(static_cast<std::size_t>(buckets_) + 1);
        std::int64_t sum = 0;
        for (std::int64_t bucket = 0; bucket < buckets_; bucket++) {
            for (std::int64_t segment = 0; segment < segments_; segment++) {
                std::int64_t& next = next_[segment * buckets_ + bucket];
                const std::int64_t count = next;
                next = sum;
                sum += count;
            }
            start.push_back(sum);
        }
        return start;
    }

    const std::int64_t segments_, buckets_;
    const int threads_;
    Host& host_;
    std::vector<std::int64_t> next_;
};

}  // namespace personalize::core
