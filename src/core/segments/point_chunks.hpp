// Points in chunks of fixed bounds, on all threads.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/runtime/parallel.hpp"

namespace personalize::core {

class PointChunks {
  public:
    PointChunks(std::int64_t rows, int columns)
        : rows_(rows), size_(std::max<std::int64_t>(kLeastRows, kValues / std::max(columns, 1))) {}

    std::int64_t count() const noexcept { return (rows_ + size_ - 1) / size_; }
    std::int64_t first(std::int64_t chunk) const noexcept { return chunk * size_; }
    std::int64_t last(std::int64_t chunk) const noexcept { return std::min(rows_, (chunk + 1) * size_); }

    // make(): called once per thread, returns what is called with (chunk, first point, last point).
    template <class Make>
    void run(int threads, Host& host, Make make) const {
        parallel_chunks(host, threads, count(), [&]() -> ChunkBody {
            return
                [this, body = make()](std::int64_t chunk) mutable { body(chunk, first(chunk), last(chunk)); };
        });
    }

  private:
    static constexpr std::int64_t kLeastRows = 256, kValues = 32768;
    const std::int64_t rows_, size_;
};

}  // namespace personalize::core
