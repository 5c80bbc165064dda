// How far points are from their neighbours: what tells a good eps for DBSCAN.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/runtime/host.hpp"

namespace personalize::core {

struct DistanceCurve {
    std::vector<double> distances;  // ascending
    // Where it bends most, above 0; 0 where all are. Farthest below the line between its ends (Satopaa,
    // Albrecht, Irwin, Raghavan 2011, "Finding a 'Kneedle' in a haystack").
    double bend = 0;
};

// The distance to the `neighbours`-th nearest row, itself among them, of each of the rows, or of `most` of
// them, chosen by a hash of what they are. points: rows x columns, as dbscan::train() takes them; at least
// one. Where there are fewer rows than neighbours, to the farthest.
DistanceCurve neighbour_distances(std::span<const double> points, int columns, int neighbours,
                                  std::int64_t most, int threads, Host& host);

struct CurvePoint {
    double share = 0;     // of the rows that are as near to their neighbour, or nearer: 0 to 1
    double distance = 0;  // to it
    bool is_bend = false;
};

// The curve at the shares 0, 1 / steps, ..., 1; then its bend.
std::vector<CurvePoint> points_of_curve(const DistanceCurve& curve, int steps);

}  // namespace personalize::core
