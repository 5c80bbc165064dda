// A sparse matrix by columns instead of by rows, on several threads.
#pragma once

#include <algorithm>
#include <cstddef>

#include "core/ratings/counting_sort.hpp"
#include "core/ratings/sparse_matrix.hpp"

namespace personalize::core {

// The same entries by column: rows of the result are in ascending order, whatever the threads. Calls
// carry(to, from) for each entry, on any thread, with its places in the result and in `matrix`, for what else
// belongs to it.
template <class Carry>
SparseMatrix transpose(const SparseMatrix& matrix, int threads, Host& host, const Carry& carry) {
    const std::int64_t columns = matrix.columns_count,
                       segments = CountingSort::segments(matrix.nonzeros(), columns);
    // Of about the same number of entries each.
    const auto first_row = [&](std::int64_t segment) -> std::int64_t {
        if (segment == segments) return matrix.rows();
        const std::int64_t entry = matrix.nonzeros() / segments * segment;
        return std::lower_bound(matrix.start.begin(), matrix.start.end(), entry) - matrix.start.begin();
    };
    const auto for_each_entry = [&](std::int64_t segment, const auto& visit) {
        std::int64_t unchecked = 0;
        for (std::int64_t r = first_row(segment); r < first_row(segment + 1); r++) {
            for (std::int64_t k = matrix.start[r]; k < matrix.start[r + 1]; k++)
                visit(static_cast<std::int32_t>(r), k);
            if ((unchecked += matrix.start[r + 1] - matrix.start[r] + 1) < kEntriesPerStopPoint) continue;
            stop_point();
            unchecked = 0;
        }
    };
    CountingSort sort(segments, columns, threads, host);
    SparseMatrix result;
    result.columns_count = matrix.rows();
    result.start = sort.count([&](std::int64_t segment, const auto& count) {
        for_each_entry(segment, [&](std::int32_t, std::int64_t k) { count(matrix.columns[k]); });
    });
    result.columns.resize(matrix.columns.size());
    result.values.resize(matrix.values.size());
    sort.place([&](std::int64_t segment, const auto& place) {
        for_each_entry(segment, [&](std::int32_t r, std::int64_t k) {
            const std::int64_t to = place(matrix.columns[k]);
            result.columns[to] = r;
            result.values[to] = matrix.values[k];
            carry(to, k);
        });
    });
    return result;
}

inline SparseMatrix transpose(const SparseMatrix& matrix, int threads, Host& host) {
    return transpose(matrix, threads, host, [](std::int64_t, std::int64_t) {});
}

inline SparseMatrix transpose(const SparseMatrix& matrix) {
    QuietHost host;
    return transpose(matrix, 1, host);
}

// Bytes that it takes while it runs, beside the result.
inline std::size_t transpose_memory(const SparseMatrix& matrix) noexcept {
    return CountingSort::memory(CountingSort::segments(matrix.nonzeros(), matrix.columns_count),
                                matrix.columns_count);
}

}  // namespace personalize::core
