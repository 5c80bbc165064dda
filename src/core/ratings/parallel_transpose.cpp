#include "core/ratings/parallel_transpose.hpp"

#include <algorithm>
#include <vector>

#include "core/runtime/parallel.hpp"

namespace personalize::core {

namespace {

constexpr std::int64_t kMostSegments = 16, kLeastEntriesPerCounter = 4;

// The rows are cut into segments that do not depend on the threads; each has a counter for every column.
std::int64_t segments_of(const SparseMatrix& matrix) noexcept {
    const std::int64_t counters = kLeastEntriesPerCounter * std::max<std::int64_t>(1, matrix.columns_count);
    return std::clamp<std::int64_t>(matrix.nonzeros() / counters, 1, kMostSegments);
}

class Transposition {
  public:
    Transposition(const SparseMatrix& matrix, int threads, Host& host)
        : matrix_(matrix),
          threads_(threads),
          host_(host),
          segments_(segments_of(matrix)),
          next_(static_cast<std::size_t>(segments_ * matrix.columns_count)) {}

    SparseMatrix run() {
        for_each_entry([](std::int64_t& next, std::int32_t, std::int64_t) { next++; });
        SparseMatrix result;
        result.columns_count = matrix_.rows();
        result.start = starts();
        result.columns.resize(matrix_.columns.size());
        host_.poll();
        result.values.resize(matrix_.values.size());
        for_each_entry([&](std::int64_t& next, std::int32_t row, std::int64_t entry) {
            result.columns[next] = row;
            result.values[next++] = matrix_.values[entry];
        });
        return result;
    }

  private:
    // Calls visit(the counter of the segment and the column, row, entry), the segments side by side.
    template <class Visit>
    void for_each_entry(const Visit& visit) {
        parallel_chunks(host_, threads_, segments_, [&]() -> ChunkBody {
            return [&](std::int64_t segment) {
                std::int64_t* const next = next_.data() + segment * matrix_.columns_count;
                for (std::int64_t r = first_row(segment); r < first_row(segment + 1); r++) {
                    for (std::int64_t k = matrix_.start[r]; k < matrix_.start[r + 1]; k++)
                        visit(next[matrix_.columns[k]], static_cast<std::int32_t>(r), k);
                    stop_point();
                }
            };
        });
    }

    // About the same number of entries for each.
    std::int64_t first_row(std::int64_t segment) const {
        if (segment == segments_) return matrix_.rows();
        const std::int64_t entry = matrix_.nonzeros() / segments_ * segment;
        return std::lower_bound(matrix_.start.begin(), matrix_.start.end(), entry) - matrix_.start.begin();
    }

    // Turns counts into places: a column's entries are those of the first segment, then those of the next.
    std::vector<std::int64_t> starts() {
        std::vector<std::int64_t> start{0};
        start.reserve(static_cast<std::size_t>(matrix_.columns_count) + 1);
        std::int64_t sum = 0;
        for (std::int64_t column = 0; column < matrix_.columns_count; column++) {
            for (std::int64_t segment = 0; segment < segments_; segment++) {
                std::int64_t& next = next_[segment * matrix_.columns_count + column];
                const std::int64_t count = next;
                next = sum;
                sum += count;
            }
            start.push_back(sum);
        }
        return start;
    }

    const SparseMatrix& matrix_;
    const int threads_;
    Host& host_;
    const std::int64_t segments_;
    std::vector<std::int64_t> next_;
};

}  // namespace

SparseMatrix transpose(const SparseMatrix& matrix, int threads, Host& host) {
    return Transposition(matrix, threads, host).run();
}

std::size_t transpose_memory(const SparseMatrix& matrix) noexcept {
    return static_cast<std::size_t>(segments_of(matrix) * matrix.columns_count) * sizeof(std::int64_t);
}

}  // namespace personalize::core
