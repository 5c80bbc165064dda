#include "core/segments/train_segments.hpp"

#include <algorithm>
#include <cmath>

#include "core/runtime/error.hpp"
#include "core/runtime/memory_claim.hpp"
#include "core/segments/neighbour_distances.hpp"

namespace personalize::core {

namespace {

std::vector<Axis> axes_of(const FeatureTable& table, FeatureScaling scaling, int threads, Host& host) {
    auto axes = make_axes(table.values, columns_of(table.features), scaling, threads, host);
    if (scaling == FeatureScaling::none) return axes;
    std::size_t column = 0;
    for (const SegmentFeature& feature : table.features)
        for (int c = 0; c < feature.columns(); c++, column++)
            if (feature.type != FeatureType::number) axes[column] = {0, 1};
    return axes;
}

// A copy of the first ones, which are a random sample.
Points first_points(const Points& points, std::int64_t most) {
    Points part;
    part.space = points.space;
    part.rows = std::min(points.rows, most);
    part.values.assign(points.values.begin(), points.values.begin() + part.rows * points.columns());
    part.origin.assign(points.origin.begin(), points.origin.begin() + part.rows);
    return part;
}

// With 'none', coordinates are features times a power of two.
double squared_unit(const Points& points, FeatureScaling scaling) {
    const double factor = scaling == FeatureScaling::none ? points.space.axes[0].factor : 1;
    return factor * factor;
}

// Bytes to describe segments, and to measure them.
std::size_t judging_memory(std::int64_t rows, int columns, int segments, int threads) {
    return summary_memory(rows, columns, segments, threads) +
           quality_memory(rows, columns, segments, kSilhouettePoints, threads);
}

void fill_quality(const Points& points, std::span<const std::int32_t> segment, FeatureScaling scaling,
                  int threads, SegmentModel& model, Host& host) {
    model.quality = measure_segments(points, segment, model.segments(), kSilhouettePoints, threads, host);
    model.quality.inertia /= squared_unit(points, scaling);
}

double stability_of(const Points& points, const kmeans::Model& model, const kmeans::Options& options,
                    Host& host) {
    constexpr int kHalves = 3, kRestarts = 3;
    const Points part = first_points(points, kStabilityPoints);
    kmeans::Options again = options;
    again.k = model.segments();
    again.restarts = options.restarts == 0 ? kRestarts : std::min(options.restarts, kRestarts);
    return kmeans::stability(part, std::span(model.segment).first(static_cast<std::size_t>(part.rows)), again,
                             kHalves, host);
}

kmeans::Model choose(const Points& points, const KMeansTraining& request, std::vector<kmeans::Trial>& trials,
                     Host& host) {
    kmeans::Options options = request.options;
    auto choice = kmeans::choose_k(first_points(points, kChoicePoints), request.min_k, request.max_k, options,
                                   kSilhouettePoints, host);
    for (kmeans::Trial& trial : choice.trials) trial.inertia /= squared_unit(points, request.scaling);
    trials = std::move(choice.trials);
    if (points.rows <= kChoicePoints) return std::move(choice.model);
    options.k = choice.model.segments();
    return kmeans::train(points, options, host);
}

void check_rows(const FeatureTable& table) {
    if (table.rows == 0)
        throw InvalidInput("there are no rows to divide", "Only rows that you may see are read.");
}

}  // namespace

SegmentTraining train_kmeans_model(FeatureTable table, const KMeansTraining& request, MemoryBudget& budget,
                                   Host& host) {
    check_rows(table);
    const int columns = columns_of(table.features), threads = request.options.threads;
    MemoryClaim claim(&budget, "the segments");
    kmeans::Options most = request.options;
    most.k = most.k > 0 ? most.k : request.max_k;
    claim.add(axes_memory(table.rows, FeatureScaling::robust, threads) + Points::memory(table.rows, columns) +
              2 * kmeans::memory(table.rows, columns, most) +
              judging_memory(table.rows, columns,
                             static_cast<int>(std::min<std::int64_t>(most.k, table.rows)), threads));
    const Points points =
        make_points(table.values, axes_of(table, request.scaling, threads, host), threads, host);
    SegmentTraining result;
    const kmeans::Model found = request.options.k > 0 ? kmeans::train(points, request.options, host)
                                                      : choose(points, request, result.trials, host);
    result.iterations = found.iterations;
    result.settled = found.settled;
    SegmentModel& model = result.model;
    model.scaling = request.scaling;
    model.space = points.space;
    model.centroids = found.centroids;
    summarize_segments(table.values, points, found.segment, found.segments(), threads, model, host);
    fill_quality(points, found.segment, request.scaling, threads, model, host);
    model.stability = stability_of(points, found, request.options, host);
    model.features = std::move(table.features);
    return result;
}

std::vector<Axis> dbscan_axes(const FeatureTable& table, FeatureScaling scaling, int threads, Host& host) {
    if (scaling == FeatureScaling::none)
        return std::vector<Axis>(static_cast<std::size_t>(columns_of(table.features)));
    return axes_of(table, scaling, threads, host);
}

void place_rows(std::span<double> values, const std::vector<Axis>& axes, FeatureScaling scaling, Host& host) {
    for (std::size_t k = 0; k < values.size(); k++) {
        if (k % 65536 == 0) host.poll();
        const std::size_t column = k % axes.size();
        values[k] = axes[column].place(values[k]);
        if (scaling != FeatureScaling::none) check_coordinate(static_cast<int>(column), values[k]);
    }
}

SegmentTraining train_dbscan_model(FeatureTable table, const DbscanTraining& request, MemoryBudget& budget,
                                   Host& host) {
    check_rows(table);
    const int columns = columns_of(table.features), threads = request.threads;
    MemoryClaim claim(&budget, "the segments");
    claim.add(axes_memory(table.rows, FeatureScaling::robust, threads) + Points::memory(table.rows, columns) +
              dbscan::memory(table.rows, columns) +
              2 * static_cast<std::size_t>(table.rows) * static_cast<std::size_t>(columns) * sizeof(double));
    const Points points =
        make_points(table.values, axes_of(table, request.scaling, threads, host), threads, host);
    SegmentTraining result;
    SegmentModel& model = result.model;
    model.algorithm = SegmentAlgorithm::dbscan;
    model.scaling = request.scaling;
    model.space.axes = dbscan_axes(table, request.scaling, threads, host);
    model.min_points = request.min_points;
    FeatureTable placed = table;
    place_rows(placed.values, model.space.axes, request.scaling, host);
    model.eps = request.eps ? *request.eps
                            : neighbour_distances(placed.values, columns, request.min_points,
                                                  kSilhouettePoints, threads, host)
                                  .bend;
    model.eps = std::max(model.eps, dbscan::kLeastEps);
    const dbscan::Model found =
        dbscan::train(placed.values, columns, {model.eps, request.min_points, threads}, host);
    claim.add(judging_memory(table.rows, columns, found.segments(), threads));
    std::vector<std::int32_t> segment(static_cast<std::size_t>(points.rows));
    for (std::int64_t r = 0; r < points.rows; r++) {
        const std::int32_t row = points.origin[r];
        segment[r] = found.segment[row];
        if (!found.core[row]) continue;
        model.core_segment.push_back(found.segment[row]);
        const double* const core = placed.values.data() + std::int64_t{row} * columns;
        model.cores.insert(model.cores.end(), core, core + columns);
    }
    summarize_segments(table.values, points, segment, found.segments(), threads, model, host);
    for (std::size_t k = 0; k < model.segment_means.size(); k++)
        model.centroids.push_back(
            model.space.axes[k % model.space.axes.size()].place(model.segment_means[k]));
    fill_quality(points, segment, request.scaling, threads, model, host);
    model.features = std::move(table.features);
    return result;
}

}  // namespace personalize::core
