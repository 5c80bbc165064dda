// A tree of boxes around points: which of them can be near to others (Friedman, Bentley, Finkel 1977, "An
// algorithm for finding best matches in logarithmic expected time").
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "core/runtime/bulk_memory.hpp"
#include "core/runtime/host.hpp"
#include "core/segments/point_blocks.hpp"

namespace personalize::core {

class KdTree {
  public:
    struct Node {
        std::int64_t first, last;  // blocks
        std::int32_t left, right;  // nodes; -1: a leaf, of one block
    };

    // points: rows x columns, row after row, finite, with squares that are; they must live as long.
    // rows < 2^31.
    KdTree(std::span<const double> points, int columns, int threads, Host& host);

    int columns() const noexcept { return columns_; }
    std::int64_t rows() const noexcept { return std::ssize(order_); }
    std::int64_t blocks() const noexcept { return (rows() + kBlockPoints - 1) / kBlockPoints; }
    int block_size(std::int64_t b) const noexcept {
        return static_cast<int>(std::min<std::int64_t>(kBlockPoints, rows() - b * kBlockPoints));
    }
    // The row of a place: place p is point p % kBlockPoints of block p / kBlockPoints.
    std::int32_t row_at(std::int64_t place) const noexcept { return order_[place]; }
    const double* point_at(std::int64_t place) const noexcept {
        return points_.data() + std::int64_t{order_[place]} * columns_;
    }
    // As block_distances() takes it; what lacks in the last block is at infinity.
    const double* block(std::int64_t b) const noexcept {
        return blocks_.data() + b * kBlockPoints * columns_;
    }

    const std::vector<Node>& nodes() const noexcept { return nodes_; }  // the root first
    std::int32_t leaf_of(std::int64_t b) const noexcept { return leaf_of_[b]; }

    // Least squared distance of a point to a node's box; the least and the greatest between two boxes.
    double least(const double* point, std::int32_t node) const noexcept;
    double least(std::int32_t a, std::int32_t b) const noexcept;
    double greatest(std::int32_t a, std::int32_t b) const noexcept;

    static std::size_t memory(std::int64_t rows, int columns) noexcept;  // bytes

  private:
    void split(std::int32_t node);
    void bound(std::int32_t node);
    int widest(std::int32_t node) const noexcept;
    void fill_blocks(int threads, Host& host);
    const double* low(std::int32_t node) const noexcept {
        return boxes_.data() + std::int64_t{node} * 2 * columns_;
    }
    const double* high(std::int32_t node) const noexcept { return low(node) + columns_; }

    const std::span<const double> points_;
    const int columns_;
    BulkVector<std::int32_t> order_;
    BulkVector<double> blocks_;
    std::vector<Node> nodes_;
    BulkVector<double> boxes_;  // of each node: lowest, then highest coordinates
    std::vector<std::int32_t> leaf_of_;
};

}  // namespace personalize::core
