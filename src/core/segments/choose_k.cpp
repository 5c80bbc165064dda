#include "core/segments/choose_k.hpp"

#include "core/runtime/random.hpp"
#include "core/segments/nearest_centroid.hpp"
#include "core/segments/point_chunks.hpp"
#include "core/segments/segment_quality.hpp"

namespace personalize::core::kmeans {

namespace {

Points random_half(const Points& points, std::uint64_t seed, int half) {
    Random random(seed, ~static_cast<std::uint64_t>(half));
    Points result;
    result.space = points.space;
    for (std::int64_t r = 0; r < points.rows; r++) {
        if (random.uniform() >= .5) continue;
        result.values.insert(result.values.end(), points.row(r), points.row(r) + points.columns());
        result.origin.push_back(points.origin[r]);
        result.rows++;
    }
    return result;
}

// Says nothing of the many runs of a search.
class PollingHost : public Host {
  public:
    explicit PollingHost(Host& host) : host_(host) {}
    void poll() override { host_.poll(); }

  private:
    Host& host_;
};

}  // namespace

Choice choose_k(const Points& points, int low, int high, const Options& options, std::int64_t most,
                Host& host) {
    Choice choice;
    double best = -2;
    Options trial = options;
    PollingHost quiet(host);
    for (trial.k = low; trial.k <= high; trial.k++) {
        Model model = train(points, trial, quiet);
        const bool complete = model.segments() == trial.k;
        if (complete) {
            const Silhouette found = silhouette(points, model.segment, most, options.threads, host);
            choice.silhouette_points = found.points;
            choice.trials.push_back({trial.k, model.inertia, found.mean.value_or(-1)});
            host.iteration_done(trial.k - low + 1, high - low + 1, model.inertia);
        }
        if (choice.model.segments() == 0 || (complete && choice.trials.back().silhouette > best)) {
            choice.model = std::move(model);
            if (complete) best = choice.trials.back().silhouette;
        }
        if (!complete) break;
    }
    return choice;
}

double stability(const Points& points, std::span<const std::int32_t> segment, const Options& options,
                 int halves, Host& host) {
    PollingHost quiet(host);
    double sum = 0;
    BulkVector<std::int32_t> again(static_cast<std::size_t>(points.rows));
    for (int half = 0; half < halves; half++) {
        const Points part = random_half(points, options.seed, half);
        if (part.rows == 0) return 1;
        const CentroidTable table =
            make_centroid_table(train(part, options, quiet).centroids, points.columns(), host);
        PointChunks(points.rows, points.columns()).run(options.threads, host, [&] {
            return [&, memory = ScanMemory()](std::int64_t, std::int64_t first, std::int64_t last) mutable {
                nearest_centroids(points.row(first), last - first, table, memory, again.data() + first);
            };
        });
        sum += adjusted_rand_index(segment, again);
    }
    return sum / halves;
}

}  // namespace personalize::core::kmeans
