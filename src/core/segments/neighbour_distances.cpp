#include "core/segments/neighbour_distances.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/runtime/parallel.hpp"
#include "core/runtime/random.hpp"
#include "core/segments/kd_tree.hpp"

namespace personalize::core {

namespace {

// The distance to one row's neighbours, by a heap of the nearest ones so far.
class NearestSquares {
  public:
    NearestSquares(const KdTree& tree, int neighbours)
        : tree_(tree), count_(static_cast<std::size_t>(std::min<std::int64_t>(neighbours, tree.rows()))) {}

    double farthest(const double* point) {
        heap_.clear();
        visit(point, 0);
        return std::sqrt(heap_.front());
    }

  private:
    bool is_open(double square) const noexcept { return heap_.size() < count_ || square < heap_.front(); }

    void visit(const double* point, std::int32_t node) {
        if (!is_open(tree_.least(point, node) * (1 - 1e-12))) return;
        const KdTree::Node& there = tree_.nodes()[node];
        if (there.left >= 0) {
            const bool left_first = tree_.least(point, there.left) <= tree_.least(point, there.right);
            visit(point, left_first ? there.left : there.right);
            visit(point, left_first ? there.right : there.left);
            return;
        }
        stop_point();
        double squares[kBlockPoints];
        block_distances(tree_.block(there.first), point, tree_.columns(), squares);
        for (int l = 0; l < tree_.block_size(there.first); l++) offer(squares[l]);
    }

    void offer(double square) {
        if (!is_open(square)) return;
        if (heap_.size() == count_) {
            std::pop_heap(heap_.begin(), heap_.end());
            heap_.pop_back();
        }
        heap_.push_back(square);
        std::push_heap(heap_.begin(), heap_.end());
    }

    const KdTree& tree_;
    const std::size_t count_;
    std::vector<double> heap_;
};

struct Chosen {
    std::uint64_t hash;
    std::int64_t row;
};

std::vector<Chosen> choose_rows(std::span<const double> points, int columns, std::int64_t most, Host& host) {
    const std::int64_t rows = std::ssize(points) / columns;
    std::vector<Chosen> chosen;
    for (std::int64_t r = 0; r < rows; r++) {
        if (r % 4096 == 0) host.poll();
        std::uint64_t hash = 0;
        for (int j = 0; j < columns; j++)
            hash = mix64(hash ^ std::bit_cast<std::uint64_t>(points[r * columns + j] + 0.));
        chosen.push_back({hash, r});
    }
    if (most < rows) {
        std::nth_element(chosen.begin(), chosen.begin() + most, chosen.end(),
                         [](const Chosen& a, const Chosen& b) { return a.hash < b.hash; });
        chosen.resize(static_cast<std::size_t>(most));
    }
    return chosen;
}

// Equal rows, which are at no distance from one another, say nothing of an eps.
double bend_of(const std::vector<double>& ascending) noexcept {
    const auto first = std::upper_bound(ascending.begin(), ascending.end(), 0.);
    if (first == ascending.end()) return 0;
    const double low = *first, high = ascending.back();
    const auto steps = static_cast<double>(std::max<std::ptrdiff_t>(ascending.end() - first - 1, 1));
    double bend = high, deepest = 0;
    for (auto place = first; place != ascending.end(); ++place) {
        const double depth = low + (high - low) * (static_cast<double>(place - first) / steps) - *place;
        if (depth > deepest) {
            deepest = depth;
            bend = *place;
        }
    }
    return bend;
}

}  // namespace

DistanceCurve neighbour_distances(std::span<const double> points, int columns, int neighbours,
                                  std::int64_t most, int threads, Host& host) {
    const KdTree tree(points, columns, threads, host);
    const auto chosen = choose_rows(points, columns, most, host);
    DistanceCurve curve;
    curve.distances.resize(chosen.size());
    parallel_chunks(host, threads, std::ssize(chosen), [&]() -> ChunkBody {
        return [&, nearest = NearestSquares(tree, neighbours)](std::int64_t k) mutable {
            curve.distances[k] = nearest.farthest(points.data() + chosen[k].row * columns);
        };
    });
    std::sort(curve.distances.begin(), curve.distances.end());
    curve.bend = bend_of(curve.distances);
    return curve;
}

std::vector<CurvePoint> points_of_curve(const DistanceCurve& curve, int steps) {
    const auto& distances = curve.distances;
    const std::int64_t last = std::ssize(distances) - 1;
    std::vector<CurvePoint> points;
    for (int k = 0; k <= steps; k++)
        points.push_back({static_cast<double>(k) / steps, distances[k * last / steps], false});
    const auto bend = std::lower_bound(distances.begin(), distances.end(), curve.bend) - distances.begin();
    const auto intervals = static_cast<double>(std::max<std::int64_t>(last, 1));
    points.push_back({static_cast<double>(bend) / intervals, distances[bend], true});
    return points;
}

}  // namespace personalize::core
