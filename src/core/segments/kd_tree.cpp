#include "core/segments/kd_tree.hpp"

#include <cmath>
#include <limits>
#include <numeric>

#include "core/runtime/parallel.hpp"

namespace personalize::core {

namespace {

constexpr std::int64_t kStepsBetweenStops = 1 << 16;

double gap(double low_a, double high_a, double low_b, double high_b) noexcept {
    return std::max({low_b - high_a, low_a - high_b, 0.});
}

}  // namespace

KdTree::KdTree(std::span<const double> points, int columns, int threads, Host& host)
    : points_(points), columns_(columns), order_(points.size() / static_cast<std::size_t>(columns)) {
    std::iota(order_.begin(), order_.end(), 0);
    nodes_.reserve(static_cast<std::size_t>(2 * blocks()));
    boxes_.resize(static_cast<std::size_t>(4 * blocks() * columns_));
    leaf_of_.resize(static_cast<std::size_t>(blocks()));
    if (blocks() > 0) nodes_.push_back({0, blocks(), -1, -1});
    // Level by level; a node's points are only moved within it.
    for (std::size_t from = 0; from < nodes_.size();) {
        const std::size_t to = nodes_.size();
        for (std::size_t n = from; n < to; n++) {
            const Node node = nodes_[n];
            if (node.last - node.first <= 1) continue;
            const std::int64_t middle = node.first + (node.last - node.first + 1) / 2;
            nodes_[n].left = static_cast<std::int32_t>(std::ssize(nodes_));
            nodes_[n].right = nodes_[n].left + 1;
            nodes_.push_back({node.first, middle, -1, -1});
            nodes_.push_back({middle, node.last, -1, -1});
        }
        parallel_chunks(host, threads, static_cast<std::int64_t>(to - from), [&]() -> ChunkBody {
            return [this, from](std::int64_t k) {
                split(static_cast<std::int32_t>(from) + static_cast<std::int32_t>(k));
            };
        });
        from = to;
    }
    fill_blocks(threads, host);
}

void KdTree::bound(std::int32_t node) {
    double* const low = boxes_.data() + std::int64_t{node} * 2 * columns_;
    double* const high = low + columns_;
    std::fill_n(low, columns_, std::numeric_limits<double>::infinity());
    std::fill_n(high, columns_, -std::numeric_limits<double>::infinity());
    const std::int64_t last = std::min(nodes_[node].last * kBlockPoints, rows());
    for (std::int64_t p = nodes_[node].first * kBlockPoints; p < last; p++) {
        if (p % 1024 == 0) stop_point();
        const double* const x = point_at(p);
        for (int j = 0; j < columns_; j++) {
            low[j] = std::min(low[j], x[j]);
            high[j] = std::max(high[j], x[j]);
        }
    }
}

int KdTree::widest(std::int32_t node) const noexcept {
    int widest = 0;
    for (int j = 1; j < columns_; j++)
        if (high(node)[j] - low(node)[j] > high(node)[widest] - low(node)[widest]) widest = j;
    return widest;
}

void KdTree::split(std::int32_t node) {
    bound(node);
    const Node& own = nodes_[node];
    if (own.left < 0) {
        leaf_of_[own.first] = node;
        return;
    }
    const int column = widest(node);
    const auto start = order_.begin();
    std::int64_t steps = 0;
    std::nth_element(start + own.first * kBlockPoints, start + nodes_[own.left].last * kBlockPoints,
                     start + std::min(own.last * kBlockPoints, rows()), [&](std::int32_t a, std::int32_t b) {
                         if (++steps % kStepsBetweenStops == 0) stop_point();
                         return points_[std::int64_t{a} * columns_ + column] <
                                points_[std::int64_t{b} * columns_ + column];
                     });
}

void KdTree::fill_blocks(int threads, Host& host) {
    blocks_.resize(static_cast<std::size_t>(blocks() * kBlockPoints * columns_));
    parallel_chunks(host, threads, blocks(), [&]() -> ChunkBody {
        return [this](std::int64_t b) {
            double* const to = blocks_.data() + b * kBlockPoints * columns_;
            const int size = block_size(b);
            for (int l = 0; l < kBlockPoints; l++) {
                const double* const x = l < size ? point_at(b * kBlockPoints + l) : nullptr;
                for (int j = 0; j < columns_; j++)
                    to[j * kBlockPoints + l] = x ? x[j] : std::numeric_limits<double>::infinity();
            }
        };
    });
}

double KdTree::least(const double* point, std::int32_t node) const noexcept {
    double sum = 0;
    for (int j = 0; j < columns_; j++) {
        const double d = gap(point[j], point[j], low(node)[j], high(node)[j]);
        sum += d * d;
    }
    return sum;
}

double KdTree::least(std::int32_t a, std::int32_t b) const noexcept {
    double sum = 0;
    for (int j = 0; j < columns_; j++) {
        const double d = gap(low(a)[j], high(a)[j], low(b)[j], high(b)[j]);
        sum += d * d;
    }
    return sum;
}

double KdTree::greatest(std::int32_t a, std::int32_t b) const noexcept {
    double sum = 0;
    for (int j = 0; j < columns_; j++) {
        const double d = std::max(high(b)[j] - low(a)[j], high(a)[j] - low(b)[j]);
        sum += d * d;
    }
    return sum;
}

std::size_t KdTree::memory(std::int64_t rows, int columns) noexcept {
    const std::size_t blocks = static_cast<std::size_t>(rows) / kBlockPoints + 1;
    return static_cast<std::size_t>(rows) * sizeof(std::int32_t) +
           blocks * (2 * sizeof(Node) + sizeof(std::int32_t) +
                     static_cast<std::size_t>(columns) * sizeof(double) * (kBlockPoints + 4));
}

}  // namespace personalize::core
