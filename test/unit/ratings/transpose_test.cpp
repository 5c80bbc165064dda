#include "core/ratings/transpose.hpp"

#include <gtest/gtest.h>

#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

SparseMatrix random_matrix(std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
    Random random(seed, 0);
    SparseMatrix matrix;
    matrix.columns_count = columns;
    for (std::int64_t r = 0; r < rows; r++) {
        for (std::int64_t c = 0; c < columns; c++) {
            if (random.below(4) != 0) continue;
            matrix.columns.push_back(static_cast<std::int32_t>(c));
            matrix.values.push_back(static_cast<float>(r * columns + c));
        }
        matrix.start.push_back(static_cast<std::int64_t>(matrix.columns.size()));
    }
    return matrix;
}

void expect_equal(const SparseMatrix& a, const SparseMatrix& b) {
    EXPECT_EQ(a.columns_count, b.columns_count);
    EXPECT_EQ(a.start, b.start);
    EXPECT_EQ(a.columns, b.columns);
    EXPECT_EQ(a.values, b.values);
}

TEST(Transpose, HoldsTheSameEntriesByColumn) {
    const SparseMatrix matrix = random_matrix(30, 17, 1), by_column = transpose(matrix);
    ASSERT_EQ(by_column.rows(), 17);
    ASSERT_EQ(by_column.columns_count, 30);
    ASSERT_EQ(by_column.nonzeros(), matrix.nonzeros());
    for (std::int64_t c = 0; c < by_column.rows(); c++) {
        const SparseRow row = by_column.row(c);
        for (std::size_t k = 0; k < row.size(); k++) {
            EXPECT_EQ(row.values[k], static_cast<float>(row.columns[k] * 17 + c));
            EXPECT_LT(k == 0 ? -1 : row.columns[k - 1], row.columns[k]);
        }
    }
}

TEST(Transpose, TwiceIsTheSame) {
    for (const auto& [rows, columns] : {std::pair{1, 1}, {40, 3}, {3, 40}, {100, 100}}) {
        const SparseMatrix matrix = random_matrix(rows, columns, 2);
        expect_equal(transpose(transpose(matrix)), matrix);
    }
}

TEST(Transpose, IsTheSameOnAnyNumberOfThreads) {
    QuietHost host;
    for (const auto& [rows, columns] : {std::pair{0, 0}, {0, 5}, {1, 1}, {40, 3}, {3, 40}, {900, 20}}) {
        const SparseMatrix matrix = random_matrix(rows, columns, 3);
        for (const int threads : {2, 3}) expect_equal(transpose(matrix, threads, host), transpose(matrix));
    }
}

TEST(Transpose, OfEmptyMatrices) {
    EXPECT_EQ(transpose(SparseMatrix{}).rows(), 0);
    SparseMatrix columns_only;
    columns_only.columns_count = 5;
    EXPECT_EQ(transpose(columns_only).rows(), 5);
    EXPECT_EQ(transpose(columns_only).nonzeros(), 0);
}

}  // namespace
}  // namespace personalize::core
