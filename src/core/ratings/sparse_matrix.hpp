// A sparse matrix by rows (compressed sparse row).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/runtime/bulk_memory.hpp"

namespace personalize::core {

// One row: columns ascending, without repeats, and their values.
struct SparseRow {
    std::span<const std::int32_t> columns;
    std::span<const float> values;
    std::size_t size() const noexcept { return columns.size(); }
};

struct SparseView {
    std::span<const std::int64_t> start;  // rows + 1 offsets into columns and values
    std::span<const std::int32_t> columns;
    std::span<const float> values;

    std::int64_t rows() const noexcept { return start.empty() ? 0 : std::ssize(start) - 1; }
    SparseRow row(std::int64_t r) const noexcept {
        const auto from = static_cast<std::size_t>(start[r]),
                   count = static_cast<std::size_t>(start[r + 1]) - from;
        return {columns.subspan(from, count), values.subspan(from, count)};
    }
};

struct SparseMatrix {
    std::int64_t columns_count = 0;
    std::vector<std::int64_t> start{0};  // rows + 1 offsets into columns and values
    BulkVector<std::int32_t> columns;
    BulkVector<float> values;

    std::int64_t rows() const noexcept { return static_cast<std::int64_t>(start.size()) - 1; }
    std::int64_t nonzeros() const noexcept { return start.back(); }
    SparseView view() const noexcept { return {start, columns, values}; }
    SparseRow row(std::int64_t r) const noexcept { return view().row(r); }
};

// Bytes that a matrix of this size takes.
inline std::size_t sparse_matrix_memory(std::int64_t rows, std::int64_t nonzeros) noexcept {
    return static_cast<std::size_t>(rows + 1) * sizeof(std::int64_t) +
           static_cast<std::size_t>(nonzeros) * (sizeof(std::int32_t) + sizeof(float));
}

}  // namespace personalize::core
