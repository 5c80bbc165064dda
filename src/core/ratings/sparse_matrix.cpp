#include "core/ratings/sparse_matrix.hpp"

#include "core/runtime/poll_counter.hpp"

namespace personalize::core {

namespace {

// start[c + 1] = entries in columns 0..c.
std::vector<std::int64_t> column_starts(const SparseMatrix& matrix, PollCounter& progress) {
    std::vector<std::int64_t> start(matrix.columns_count + 1, 0);
    for (std::int64_t r = 0; r < matrix.rows(); r++) {
        const SparseRow row = matrix.row(r);
        for (const std::int32_t column : row.columns) start[column + 1]++;
        progress.count(static_cast<std::int64_t>(row.size()) + 1);
    }
    for (std::int64_t c = 0; c < matrix.columns_count; c++) start[c + 1] += start[c];
    return start;
}

}  // namespace

SparseMatrix transpose(const SparseMatrix& matrix, Host& host) {
    PollCounter progress(host);
    SparseMatrix result;
    result.columns_count = matrix.rows();
    result.start = column_starts(matrix, progress);
    result.columns.resize(matrix.columns.size());
    result.values.resize(matrix.values.size());
    std::vector<std::int64_t> next = result.start;
    for (std::int64_t r = 0; r < matrix.rows(); r++) {
        const SparseRow row = matrix.row(r);
        for (std::size_t k = 0; k < row.size(); k++) {
            const std::int64_t to = next[row.columns[k]]++;
            result.columns[to] = static_cast<std::int32_t>(r);
            result.values[to] = row.values[k];
        }
        progress.count(static_cast<std::int64_t>(row.size()) + 1);
    }
    return result;
}

SparseMatrix transpose(const SparseMatrix& matrix) {
    QuietHost host;
    return transpose(matrix, host);
}

std::size_t sparse_matrix_memory(std::int64_t rows, std::int64_t nonzeros) noexcept {
    return static_cast<std::size_t>(rows + 1) * sizeof(std::int64_t) +
           static_cast<std::size_t>(nonzeros) * (sizeof(std::int32_t) + sizeof(float));
}

}  // namespace personalize::core
