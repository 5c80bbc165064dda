#include "core/segments/nearest_centroid.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/runtime/parallel.hpp"
#include "core/segments/row_panel.hpp"

namespace personalize::core {

namespace {

constexpr int kTile = CentroidTable::kTile;
constexpr int kVectors = kLanes == 16 ? 4 : 2;  // of rows: as many as there are registers for their scores
constexpr int kPanelRows = kVectors * kLanes;
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kUp = 1 + 1e-6f, kDown = 1 - 1e-6f;  // more than a few roundings

typedef std::int32_t IntLanes __attribute__((vector_size(kLanes * sizeof(std::int32_t))));

// In double, column after column: what decides where floats do not.
double exact_distance(const float* x, const double* c, int columns) noexcept {
    double sum = 0;
    for (int j = 0; j < columns; j++) {
        const double d = x[j] - c[j];
        sum += d * d;
    }
    return sum;
}

// The distance between two rows of floats, but for roundings.
float distance(const float* x, const float* c, int columns) noexcept {
    Lanes sums{};
    int j = 0;
    for (; j + kLanes <= columns; j += kLanes) {
        const Lanes d = load(x + j) - load(c + j);
        sums = multiply_add(d, d, sums);
    }
    float sum = 0;
    for (; j < columns; j++) sum += (x[j] - c[j]) * (x[j] - c[j]);
    for (int l = 0; l < kLanes; l++) sum += sums[l];
    return std::sqrt(sum);
}

// Of one point: its nearest centroid, and bounds on the distances to it and to the others.
struct Nearest {
    std::int32_t centroid;
    float upper, lower;
};

Nearest scan_exactly(const float* x, const CentroidTable& centroids) noexcept {
    double best = std::numeric_limits<double>::infinity(), second = best;
    std::int32_t nearest = 0;
    for (int c = 0; c < centroids.count; c++) {
        const double d = exact_distance(x, centroids.centroid(c), centroids.columns);
        if (d < best) {
            second = best;
            best = d;
            nearest = c;
        } else {
            second = std::min(second, d);
        }
    }
    return {nearest, static_cast<float>(std::sqrt(best)) * kUp,
            static_cast<float>(std::sqrt(second)) * kDown};
}

// The lowest and second lowest score of each lane.
template <int V>
struct Lowest {
    Lanes best[V], second[V];
    IntLanes centroid[V];
};

template <int V>
PERSONALIZE_INLINE void score_tile(const float* panel, const CentroidTable& centroids, int tile,
                                   Lowest<V>& lowest) {
    constexpr int kWidth = V * kLanes;
    Lanes scores[kTile][V];
    PERSONALIZE_UNROLL
    for (int t = 0; t < kTile; t++) {
        PERSONALIZE_UNROLL
        for (int v = 0; v < V; v++) scores[t][v] = splat(centroids.start[tile * kTile + t]);
    }
    const float* weights = centroids.tiles.data() + std::int64_t{tile} * kTile * centroids.columns;
    for (int j = 0; j < centroids.columns; j++, panel += kWidth, weights += kTile) {
        Lanes rows[V];
        PERSONALIZE_UNROLL
        for (int v = 0; v < V; v++) rows[v] = load(panel + v * kLanes);
        PERSONALIZE_UNROLL
        for (int t = 0; t < kTile; t++) {
            PERSONALIZE_UNROLL
            for (int v = 0; v < V; v++) scores[t][v] = multiply_add(rows[v], splat(weights[t]), scores[t][v]);
        }
    }
    PERSONALIZE_UNROLL
    for (int t = 0; t < kTile; t++) {
        PERSONALIZE_UNROLL
        for (int v = 0; v < V; v++) {
            const Lanes s = scores[t][v];
            const auto better = s < lowest.best[v];
            const Lanes worse = better ? lowest.best[v] : s;
            lowest.second[v] = worse < lowest.second[v] ? worse : lowest.second[v];
            lowest.best[v] = better ? s : lowest.best[v];
            lowest.centroid[v] = better ? IntLanes{} + (tile * kTile + t) : lowest.centroid[v];
        }
    }
}

// Scans as many rows as fit into V vectors, and hands each one's result to take(k, Nearest).
template <int V, class RowAt, class Take>
void scan_panel(RowAt row_at, int count, const CentroidTable& centroids, float* panel, Take take) {
    constexpr int kWidth = V * kLanes;
    pack_rows([&](int l) { return row_at(std::min(l, count - 1)); }, kWidth, centroids.columns, panel);
    Lanes squares[V] = {};
    for (int j = 0; j < centroids.columns; j++) {
        PERSONALIZE_UNROLL
        for (int v = 0; v < V; v++) {
            const Lanes x = load(panel + std::int64_t{j} * kWidth + v * kLanes);
            squares[v] = multiply_add(x, x, squares[v]);
        }
    }
    Lowest<V> lowest;
    PERSONALIZE_UNROLL
    for (int v = 0; v < V; v++) {
        lowest.best[v] = lowest.second[v] = splat(kInfinity);
        lowest.centroid[v] = IntLanes{};
    }
    const int tiles = (centroids.count + kTile - 1) / kTile;
    for (int tile = 0; tile < tiles; tile++) score_tile<V>(panel, centroids, tile, lowest);
    for (int k = 0; k < count; k++) {
        const int v = k / kLanes, l = k % kLanes;
        const std::int32_t c = lowest.centroid[v][l];
        const float best = lowest.best[v][l], second = lowest.second[v][l], square = squares[v][l];
        const float error = 2 * centroids.error * square + CentroidTable::kLeastError;
        const float highest = best + centroids.slack[c] + error;
        if (!(highest < second - error)) {
            take(k, scan_exactly(row_at(k), centroids));
            continue;
        }
        take(k, {c, std::sqrt(std::max(square + highest, 0.f)) * kUp,
                 std::sqrt(std::max(square + second - error, 0.f)) * kDown});
    }
}

// Scans `count` rows, at most kPanelRows.
template <class RowAt, class Take>
void scan_rows(RowAt row_at, int count, const CentroidTable& centroids, float* panel, Take take) {
    if (count <= kLanes)
        scan_panel<1>(row_at, count, centroids, panel, take);
    else if (count <= 2 * kLanes)
        scan_panel<2>(row_at, count, centroids, panel, take);
    else
        scan_panel<kVectors>(row_at, count, centroids, panel, take);
}

float* panel_of(ScanMemory& memory, int columns) {
    memory.panel.resize(static_cast<std::size_t>(columns) * kPanelRows);
    return memory.panel.data();
}

class Step {
  public:
    Step(const Points& points, const CentroidTable& centroids, const Movement& movement,
         Assignment& assignment, ScanMemory& memory, SegmentSums& changes)
        : points_(points),
          centroids_(centroids),
          movement_(movement),
          to_(assignment),
          waiting_(memory.waiting),
          panel_(panel_of(memory, points.columns())),
          changes_(changes),
          per_unit_(std::ldexp(1, -points.space.unit_exponent)) {
        waiting_.clear();
    }

    void run(std::int64_t first, std::int64_t last) {
        for (std::int64_t r = first; r < last; r++) {
            if (stays(r)) continue;
            waiting_.push_back(static_cast<std::int32_t>(r));
            if (std::ssize(waiting_) == kPanelRows) scan();
        }
        if (!waiting_.empty()) scan();
    }

  private:
    // Keeps the bounds up to date; true where they show that the point's centroid is still the nearest.
    bool stays(std::int64_t r) {
        const std::int32_t own = to_.segment[r];
        if (own < 0) return false;
        const float away = own == movement_.largest_of ? movement_.second : movement_.largest;
        const float lower = (to_.lower[r] - away) - 1e-6f * to_.lower[r];
        const float limit = std::max(lower, centroids_.half_gap[own]);
        float upper = (to_.upper[r] + movement_.moved[own]) * kUp;
        if (!(upper < limit)) {
            const float d = distance(points_.row(r), centroids_.rounded_centroid(own), points_.columns());
            upper = (d * (1 + centroids_.error) + centroids_.rounding[own] + kTiny) * kUp;
            if (!(upper < limit)) return false;
        }
        to_.upper[r] = upper;
        to_.lower[r] = lower;
        return true;
    }

    void scan() {
        stop_point();
        scan_rows([this](int k) { return points_.row(waiting_[k]); }, static_cast<int>(waiting_.size()),
                  centroids_, panel_, [this](int k, const Nearest& nearest) { take(waiting_[k], nearest); });
        waiting_.clear();
    }

    void take(std::int64_t r, const Nearest& nearest) {
        to_.upper[r] = nearest.upper;
        to_.lower[r] = nearest.lower;
        const std::int32_t before = to_.segment[r];
        if (before == nearest.centroid) return;
        to_.segment[r] = nearest.centroid;
        changes_.changed++;
        add(nearest.centroid, points_.row(r), per_unit_, 1);
        if (before >= 0) add(before, points_.row(r), -per_unit_, -1);
    }

    void add(std::int32_t segment, const float* x, double per_unit, int points) {
        const int columns = points_.columns();
        std::int64_t* const totals = changes_.totals.data() + std::int64_t{segment} * columns;
        for (int j = 0; j < columns; j++) totals[j] += static_cast<std::int64_t>(x[j] * per_unit);
        changes_.points[segment] += points;
    }

    static constexpr float kTiny = 1e-18f;  // squares below 1e-37 are not floats any more

    const Points& points_;
    const CentroidTable& centroids_;
    const Movement& movement_;
    Assignment& to_;
    std::vector<std::int32_t>& waiting_;
    float* const panel_;
    SegmentSums& changes_;
    const double per_unit_;
};

PERSONALIZE_INLINE Lanes lower_of(Lanes a, Lanes b) { return a < b ? a : b; }

// Squared distances to the candidates, for each vector of rows: take(vector's first row, rows in it, c, d).
template <class Take>
void candidate_distances(const Points& points, std::span<const std::int64_t> candidates, std::int64_t first,
                         std::int64_t last, ScanMemory& memory, Take take) {
    const int columns = points.columns();
    float* const panel = panel_of(memory, columns);
    for (std::int64_t r = first; r < last; r += kPanelRows) {
        const int count = static_cast<int>(std::min<std::int64_t>(kPanelRows, last - r));
        pack_rows([&](int l) { return points.row(r + std::min(l, count - 1)); }, kPanelRows, columns, panel);
        for (std::size_t c = 0; c < candidates.size(); c++) {
            Lanes squares[kVectors];
            squared_distances(panel, points.row(candidates[c]), columns, squares);
            for (int v = 0; v * kLanes < count; v++)
                take(r + v * kLanes, std::min(kLanes, count - v * kLanes), c, squares[v]);
        }
    }
}

}  // namespace

void assign_points(const Points& points, const CentroidTable& centroids, const Movement& movement,
                   Assignment& assignment, std::int64_t first, std::int64_t last, ScanMemory& memory,
                   SegmentSums& changes) {
    Step(points, centroids, movement, assignment, memory, changes).run(first, last);
}

void nearest_centroids(const float* points, std::int64_t count, const CentroidTable& centroids,
                       ScanMemory& memory, std::int32_t* nearest) {
    float* const panel = panel_of(memory, centroids.columns);
    for (std::int64_t first = 0; first < count; first += kPanelRows)
        scan_rows([&](int k) { return points + (first + k) * centroids.columns; },
                  static_cast<int>(std::min<std::int64_t>(kPanelRows, count - first)), centroids, panel,
                  [&](int k, const Nearest& found) { nearest[first + k] = found.centroid; });
}

void distances_to_centroids(const Points& points, const CentroidTable& centroids, const std::int32_t* segment,
                            std::int64_t first, std::int64_t last, double* squares) {
    for (std::int64_t r = first; r < last; r++)
        squares[r] = exact_distance(points.row(r), centroids.centroid(segment[r]), points.columns());
}

void sum_potentials(const Points& points, std::span<const std::int64_t> candidates, const float* nearest,
                    std::int64_t first, std::int64_t last, ScanMemory& memory, double* sums) {
    candidate_distances(points, candidates, first, last, memory,
                        [&](std::int64_t r, int count, std::size_t c, Lanes squares) {
                            if (count == kLanes) squares = lower_of(squares, load(nearest + r));
                            float sum = 0;
                            for (int l = 0; l < count; l++)
                                sum += count == kLanes ? squares[l] : std::min(nearest[r + l], squares[l]);
                            sums[c] += sum;
                        });
}

double take_seed(const Points& points, std::int64_t seed, float* nearest, std::int64_t first,
                 std::int64_t last, ScanMemory& memory) {
    double sum = 0;
    candidate_distances(points, {&seed, 1}, first, last, memory,
                        [&](std::int64_t r, int count, std::size_t, Lanes squares) {
                            for (int l = 0; l < count; l++) {
                                nearest[r + l] = std::min(nearest[r + l], squares[l]);
                                sum += nearest[r + l];
                            }
                        });
    return sum;
}

}  // namespace personalize::core
