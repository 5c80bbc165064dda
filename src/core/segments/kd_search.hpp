// The nearest of the points of a tree.
#pragma once

#include "core/runtime/parallel.hpp"
#include "core/segments/kd_tree.hpp"

namespace personalize::core {

// What a box may be nearer, or farther, than its points by roundings, and more.
inline constexpr double kBoxUp = 1 + 1e-12, kBoxDown = 1 - 1e-12;

inline bool is_less_point(const double* a, const double* b, int columns) noexcept {
    return std::lexicographical_compare(a, a + columns, b, b + columns);
}

// Finds, among the places that are wanted(place), the nearest to a point; of equally near ones the least,
// compared coordinate by coordinate.
template <class Wanted>
class NearestPlace {
  public:
    // `square`: squared distance up to which places count.
    NearestPlace(const KdTree& tree, double square, Wanted wanted)
        : tree_(tree), square_(square), wanted_(wanted) {}

    // -1: there is none.
    std::int64_t find(const double* point) {
        point_ = point;
        nearest_ = -1;
        least_ = square_;
        if (tree_.rows() > 0) visit(0);
        return nearest_;
    }

  private:
    void visit(std::int32_t node) {
        const KdTree::Node& there = tree_.nodes()[node];
        if (tree_.least(point_, node) > least_ * kBoxUp) return;
        if (there.left < 0) return look(there.first);
        const bool left_first = tree_.least(point_, there.left) <= tree_.least(point_, there.right);
        visit(left_first ? there.left : there.right);
        visit(left_first ? there.right : there.left);
    }

    void look(std::int64_t block) {
        stop_point();
        double squares[kBlockPoints];
        block_distances(tree_.block(block), point_, tree_.columns(), squares);
        for (int l = 0; l < tree_.block_size(block); l++) {
            const std::int64_t place = block * kBlockPoints + l;
            if (squares[l] > least_ || !wanted_(place)) continue;
            if (nearest_ >= 0 && squares[l] == least_ &&
                !is_less_point(tree_.point_at(place), tree_.point_at(nearest_), tree_.columns()))
                continue;
            nearest_ = place;
            least_ = squares[l];
        }
    }

    const KdTree& tree_;
    const double square_;
    const Wanted wanted_;
    const double* point_ = nullptr;
    std::int64_t nearest_ = -1;
    double least_ = 0;
};

}  // namespace personalize::core
