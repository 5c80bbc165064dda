// DBSCAN: segments are where points are dense (Ester, Kriegel, Sander, Xu 1996, "A density-based algorithm
// for discovering clusters in large spatial databases with noise").
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/runtime/bulk_memory.hpp"
#include "core/runtime/host.hpp"
#include "core/segments/kd_tree.hpp"

namespace personalize::core::dbscan {

// Coordinates are refused above this, and eps beyond either: their squares must be finite, and not zero.
inline constexpr double kLargest = 1e150, kLeastEps = 1e-150;

struct Options {
    double eps = 1;      // two points are neighbours up to this distance; > 0
    int min_points = 5;  // a core point has so many neighbours, itself among them
    int threads = 1;
};

inline constexpr std::int32_t kNoise = -1;

struct Model {
    BulkVector<std::int32_t> segment;  // of each row, from 0, or kNoise
    std::vector<std::uint8_t> core;    // of each row: whether it is a core point
    std::vector<std::int64_t> sizes;   // the largest segment first, equal ones by their least core point
    std::int64_t noise = 0;

    int segments() const noexcept { return static_cast<int>(std::ssize(sizes)); }
};

// points: rows x columns, row after row, finite, up to kLargest; rows < 2^31. Core points that are neighbours
// are in one segment. Another point is in that of its nearest core point among its neighbours, of equally
// near ones the least (points are compared coordinate by coordinate); without one it is noise. So a row's
// segment does not depend on the order of the rows, nor on threads. Throws InvalidInput where a coordinate is
// too large.
Model train(std::span<const double> points, int columns, const Options& options, Host& host);

std::size_t memory(std::int64_t rows, int columns) noexcept;  // bytes

// The core points of a training, which give other points their segment as it did.
class CorePoints {
  public:
    // cores: as train() takes points; they must live as long.
    CorePoints(std::span<const double> cores, int columns, double eps, Host& host);
    // The row of the nearest one within eps, of equally near ones the least, or -1.
    std::int64_t nearest(const double* point) const;

  private:
    const KdTree tree_;
    const double square_;
};

}  // namespace personalize::core::dbscan
