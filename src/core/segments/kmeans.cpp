#include "core/segments/kmeans.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <mutex>
#include <numeric>

#include "core/segments/nearest_centroid.hpp"
#include "core/segments/point_chunks.hpp"
#include "core/segments/seeds.hpp"

namespace personalize::core::kmeans {

namespace {

class Run {
  public:
    Run(const Points& points, std::span<const double> centroids, const Options& options, Host& host)
        : points_(points),
          chunks_(points.rows, points.columns()),
          options_(options),
          host_(host),
          centroids_(make_centroid_table(centroids, points.columns(), host)),
          sums_(centroids_.count, points.columns()) {
        const auto rows = static_cast<std::size_t>(points.rows);
        assignment_.segment.assign(rows, -1);
        assignment_.upper.assign(rows, std::numeric_limits<float>::infinity());
        assignment_.lower.assign(rows, 0.f);
        movement_.moved.resize(static_cast<std::size_t>(centroids_.count));
    }

    Model run() {
        Model model;
        double least_shift = -1;
        for (; model.iterations < options_.max_iterations; model.iterations++) {
            if (assign() == 0) {
                model.settled = true;
                break;
            }
            if (model.iterations == 0 && options_.tolerance > 0)
                least_shift = options_.tolerance * mean_variance();
            revive_empty();
            if (move() <= least_shift) {
                model.iterations++;
                break;
            }
        }
        if (!model.settled) model.settled = assign() == 0;
        // Ends: each time points come to be where a centroid is, and none goes farther from its own.
        while (place_empty()) assign();
        finish(model);
        return model;
    }

  private:
    // Returns how many points changed.
    std::int64_t assign() {
        std::mutex mutex;
        std::vector<std::unique_ptr<SegmentSums>> changes;  // of each thread
        chunks_.run(options_.threads, host_, [&] {
            auto own = std::make_unique<SegmentSums>(centroids_.count, points_.columns());
            SegmentSums* const change = own.get();
            const std::lock_guard lock(mutex);
            changes.push_back(std::move(own));
            return [this, change, memory = ScanMemory()](std::int64_t, std::int64_t first,
                                                         std::int64_t last) mutable {
                assign_points(points_, centroids_, movement_, assignment_, first, last, memory, *change);
            };
        });
        sums_.changed = 0;
        for (const auto& change : changes) sums_.add(*change);
        return sums_.changed;
    }

    // Of the columns.
    double mean_variance() {
        const double unit = std::ldexp(1, points_.space.unit_exponent);
        const auto columns = static_cast<std::size_t>(points_.columns());
        std::vector<double> means(columns), squares(static_cast<std::size_t>(chunks_.count()));
        for (std::size_t k = 0; k < sums_.totals.size(); k++)
            means[k % columns] +=
                static_cast<double>(sums_.totals[k]) * unit / static_cast<double>(points_.rows);
        chunks_.run(options_.threads, host_, [&] {
            return [&](std::int64_t chunk, std::int64_t first, std::int64_t last) {
                for (std::int64_t r = first; r < last; r++)
                    for (std::size_t j = 0; j < columns; j++)
                        squares[chunk] += (points_.row(r)[j] - means[j]) * (points_.row(r)[j] - means[j]);
            };
        });
        return std::accumulate(squares.begin(), squares.end(), 0.) / static_cast<double>(points_.rows) /
               static_cast<double>(columns);
    }

    BulkVector<double> distances() {
        BulkVector<double> squares(static_cast<std::size_t>(points_.rows));
        chunks_.run(options_.threads, host_, [&] {
            return [&](std::int64_t, std::int64_t first, std::int64_t last) {
                distances_to_centroids(points_, centroids_, assignment_.segment.data(), first, last,
                                       squares.data());
            };
        });
        return squares;
    }

    bool any_empty() const {
        return std::find(sums_.points.begin(), sums_.points.end(), 0) != sums_.points.end();
    }

    // The point that is farthest from its centroid, of those that are not alone in their segment; -1: all are
    // where it is.
    std::int64_t farthest(const BulkVector<double>& squares) {
        std::int64_t found = -1;
        for (std::int64_t r = 0; r < points_.rows; r++) {
            if (r % kRowsBetweenPolls == 0) host_.poll();
            if (sums_.points[assignment_.segment[r]] > 1 && squares[r] > 0 &&
                (found < 0 || squares[r] > squares[found]))
                found = r;
        }
        return found;
    }

    // Gives empty segments the points that are farthest.
    void revive_empty() {
        if (!any_empty()) return;
        auto squares = distances();
        for (int c = 0; c < centroids_.count; c++) {
            if (sums_.points[c] > 0) continue;
            const std::int64_t r = farthest(squares);
            if (r < 0) return;
            squares[r] = 0;
            transfer(r, c);
        }
    }

    // Puts the centroids of empty segments to these points. False: there is nothing to do.
    bool place_empty() {
        if (!any_empty()) return false;
        auto squares = distances();
        auto centroids = centroids_.exact;
        bool any = false;
        for (int c = 0; c < centroids_.count; c++) {
            if (sums_.points[c] > 0) continue;
            const std::int64_t r = farthest(squares);
            if (r < 0) break;
            squares[r] = 0;
            std::copy_n(points_.row(r), points_.columns(),
                        centroids.begin() + std::int64_t{c} * points_.columns());
            any = true;
        }
        if (any) move_to(centroids);
        return any;
    }

    void transfer(std::int64_t r, int to) {
        const int columns = points_.columns(), from = assignment_.segment[r];
        const double per_unit = std::ldexp(1, -points_.space.unit_exponent);
        for (int j = 0; j < columns; j++) {
            const auto x = static_cast<std::int64_t>(points_.row(r)[j] * per_unit);
            sums_.totals[std::int64_t{from} * columns + j] -= x;
            sums_.totals[std::int64_t{to} * columns + j] += x;
        }
        sums_.points[from]--;
        sums_.points[to]++;
        assignment_.segment[r] = to;
        assignment_.upper[r] = std::numeric_limits<float>::infinity();
        assignment_.lower[r] = 0;
    }

    // Puts the centroids to the means of their points.
    double move() {
        const double unit = std::ldexp(1, points_.space.unit_exponent);
        const int columns = points_.columns();
        auto means = centroids_.exact;
        for (std::int64_t c = 0; c < centroids_.count; c++) {
            if (sums_.points[c] == 0) continue;
            for (std::int64_t k = c * columns; k < (c + 1) * columns; k++)
                means[k] = static_cast<double>(sums_.totals[k]) * unit / static_cast<double>(sums_.points[c]);
        }
        return move_to(means);
    }

    // Returns the sum of the squares of how far the centroids went.
    double move_to(const std::vector<double>& centroids) {
        const int columns = points_.columns();
        double shift = 0;
        movement_.largest = movement_.second = 0;
        movement_.largest_of = -1;
        for (int c = 0; c < centroids_.count; c++) {
            const double square = squared_distance(centroids_.centroid(c),
                                                   centroids.data() + std::int64_t{c} * columns, columns);
            shift += square;
            note_move(c, static_cast<float>(std::sqrt(square) * (1 + 1e-6)));
        }
        centroids_ = make_centroid_table(centroids, columns, host_);
        return shift;
    }

    void note_move(int c, float moved) {
        movement_.moved[c] = moved;
        if (moved > movement_.largest) {
            movement_.second = movement_.largest;
            movement_.largest = moved;
            movement_.largest_of = c;
        } else {
            movement_.second = std::max(movement_.second, moved);
        }
    }

    // The segments that have points, in their final order.
    std::vector<int> final_order() const {
        std::vector<int> order;
        for (int c = 0; c < centroids_.count; c++)
            if (sums_.points[c] > 0) order.push_back(c);
        const int columns = centroids_.columns;
        std::sort(order.begin(), order.end(), [&](int a, int b) {
            if (sums_.points[a] != sums_.points[b]) return sums_.points[a] > sums_.points[b];
            const double* const x = centroids_.centroid(a);
            const double* const y = centroids_.centroid(b);
            return std::lexicographical_compare(x, x + columns, y, y + columns);
        });
        return order;
    }

    void finish(Model& model) {
        const auto squares = distances();
        // Chunk by chunk, so that roundings are few.
        for (std::int64_t chunk = 0; chunk < chunks_.count(); chunk++)
            model.inertia += std::accumulate(squares.begin() + chunks_.first(chunk),
                                             squares.begin() + chunks_.last(chunk), 0.);
        model.columns = centroids_.columns;
        std::vector<std::int32_t> number(static_cast<std::size_t>(centroids_.count));
        for (const int c : final_order()) {
            number[c] = model.segments();
            model.sizes.push_back(sums_.points[c]);
            model.centroids.insert(model.centroids.end(), centroids_.centroid(c),
                                   centroids_.centroid(c) + model.columns);
        }
        model.segment = std::move(assignment_.segment);
        for (std::int32_t& segment : model.segment) segment = number[segment];
    }

    static constexpr std::int64_t kRowsBetweenPolls = 65536;

    const Points& points_;
    const PointChunks chunks_;
    const Options& options_;
    Host& host_;
    CentroidTable centroids_;
    SegmentSums sums_;
    Assignment assignment_;
    Movement movement_;
};

}  // namespace

Model lloyd(const Points& points, std::span<const double> centroids, const Options& options, Host& host) {
    return Run(points, centroids, options, host).run();
}

int default_restarts(std::int64_t points) noexcept {
    return static_cast<int>(std::clamp<std::int64_t>(100000 / std::max<std::int64_t>(points, 1), 10, 50));
}

Model train(const Points& points, const Options& options, Host& host) {
    Model best;
    const int restarts = options.restarts > 0 ? options.restarts : default_restarts(points.rows);
    for (int restart = 0; restart < restarts; restart++) {
        Random random(options.seed, static_cast<std::uint64_t>(restart));
        std::vector<double> centroids;
        for (const std::int64_t seed : choose_seeds(points, options.k, random, options.threads, host))
            centroids.insert(centroids.end(), points.row(seed), points.row(seed) + points.columns());
        Model model = lloyd(points, centroids, options, host);
        if (restart == 0 || model.inertia < best.inertia) best = std::move(model);
        host.iteration_done(restart + 1, restarts, best.inertia);
    }
    return best;
}

std::size_t memory(std::int64_t rows, int columns, const Options& options) noexcept {
    const auto n = static_cast<std::size_t>(rows), d = static_cast<std::size_t>(columns);
    const auto k = std::min(static_cast<std::size_t>(options.k), n);
    constexpr std::size_t kPanelRows = 64;
    const std::size_t per_point = 2 * sizeof(std::int32_t) + 2 * sizeof(float) + sizeof(double);
    const std::size_t tables = 4 * sizeof(double) + 3 * sizeof(float);
    const auto threads = static_cast<std::size_t>(options.threads);
    return n * per_point + k * d * (tables + (threads + 1) * sizeof(std::int64_t)) +
           threads * kPanelRows * d * sizeof(float);
}

}  // namespace personalize::core::kmeans
