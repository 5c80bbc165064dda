#include "core/segments/segment_quality.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "core/segments/distance_sums.hpp"
#include "core/segments/nearest_centroid.hpp"
#include "core/segments/point_chunks.hpp"

namespace personalize::core {

namespace {

constexpr std::int64_t kRowsBetweenPolls = 4096, kSampleRowsPerChunk = 64;

// The first points that are in a segment, in order of it. Only segments that have points here are numbered.
struct Sample {
    std::vector<float> rows;
    std::vector<std::int32_t> segment;
    std::vector<std::int64_t> start;  // of each segment; then where the last one ends

    std::int64_t segments() const noexcept { return std::ssize(start) - 1; }
};

Sample take_sample(const Points& points, std::span<const std::int32_t> segment, std::int64_t most,
                   Host& host) {
    std::vector<std::int64_t> chosen;
    for (std::int64_t r = 0; r < points.rows && std::ssize(chosen) < most; r++) {
        if (r % kRowsBetweenPolls == 0) host.poll();
        if (segment[r] >= 0) chosen.push_back(r);
    }
    std::stable_sort(chosen.begin(), chosen.end(),
                     [&](std::int64_t a, std::int64_t b) { return segment[a] < segment[b]; });
    Sample sample;
    for (std::size_t k = 0; k < chosen.size(); k++) {
        const std::int64_t r = chosen[k];
        if (k == 0 || segment[r] != segment[chosen[k - 1]])
            sample.start.push_back(static_cast<std::int64_t>(k));
        sample.rows.insert(sample.rows.end(), points.row(r), points.row(r) + points.columns());
        sample.segment.push_back(static_cast<std::int32_t>(sample.start.size() - 1));
    }
    sample.start.push_back(std::ssize(chosen));
    return sample;
}

double silhouette_of(const double* sums, const Sample& sample, std::int32_t own) {
    const std::int64_t size = sample.start[own + 1] - sample.start[own];
    if (size == 1) return 0;
    const double within = sums[own] / static_cast<double>(size - 1);
    double nearest = std::numeric_limits<double>::infinity();
    for (std::int32_t s = 0; s < sample.segments(); s++)
        if (s != own)
            nearest = std::min(nearest, sums[s] / static_cast<double>(sample.start[s + 1] - sample.start[s]));
    const double most = std::max(within, nearest);
    return most > 0 ? (nearest - within) / most : 0;
}

struct Spread {
    std::vector<double> means;               // segments x columns
    std::vector<double> squares, distances;  // of each segment: sums over its points
    std::vector<std::int64_t> sizes;
};

// In the points' order, so that roundings are the same for any number of threads.
Spread spread_of(const Points& points, std::span<const std::int32_t> segment, int segments, int threads,
                 Host& host) {
    const auto k = static_cast<std::size_t>(segments);
    const int columns = points.columns();
    Spread spread{std::vector<double>(k * static_cast<std::size_t>(columns)), std::vector<double>(k),
                  std::vector<double>(k), std::vector<std::int64_t>(k)};
    BulkVector<std::int32_t> known(segment.begin(), segment.end());
    for (std::int64_t r = 0; r < points.rows; r++) {
        if (r % kRowsBetweenPolls == 0) host.poll();
        known[r] = std::max(segment[r], 0);
        if (segment[r] < 0) continue;
        spread.sizes[segment[r]]++;
        for (int j = 0; j < columns; j++)
            spread.means[std::int64_t{segment[r]} * columns + j] += points.row(r)[j];
    }
    for (std::size_t e = 0; e < spread.means.size(); e++)
        spread.means[e] /= static_cast<double>(
            std::max<std::int64_t>(spread.sizes[e / static_cast<std::size_t>(columns)], 1));
    const CentroidTable table = make_centroid_table(spread.means, columns, host);
    BulkVector<double> squares(static_cast<std::size_t>(points.rows));
    PointChunks(points.rows, columns).run(threads, host, [&] {
        return [&](std::int64_t, std::int64_t first, std::int64_t last) {
            distances_to_centroids(points, table, known.data(), first, last, squares.data());
        };
    });
    for (std::int64_t r = 0; r < points.rows; r++) {
        if (r % kRowsBetweenPolls == 0) host.poll();
        if (segment[r] < 0) continue;
        spread.squares[segment[r]] += squares[r];
        spread.distances[segment[r]] += std::sqrt(squares[r]);
    }
    return spread;
}

std::vector<int> present(const Spread& spread) {
    std::vector<int> segments;
    for (int s = 0; s < std::ssize(spread.sizes); s++)
        if (spread.sizes[s] > 0) segments.push_back(s);
    return segments;
}

// Of one segment with another.
double worst_ratio(const Spread& spread, const std::vector<int>& segments, int columns, int a) {
    constexpr std::size_t kBetweenStops = 64;
    double worst = 0;
    for (std::size_t k = 0; k < segments.size(); k++) {
        if (k % kBetweenStops == 0) stop_point();
        const int b = segments[k];
        if (a == b) continue;
        const double apart =
            std::sqrt(squared_distance(&spread.means[std::size_t(a) * std::size_t(columns)],
                                       &spread.means[std::size_t(b) * std::size_t(columns)], columns));
        const double both = spread.distances[a] / static_cast<double>(spread.sizes[a]) +
                            spread.distances[b] / static_cast<double>(spread.sizes[b]);
        if (both > 0) worst = std::max(worst, both / apart);
    }
    return worst;
}

std::optional<double> davies_bouldin(const Spread& spread, const std::vector<int>& segments, int columns,
                                     int threads, Host& host) {
    if (std::ssize(segments) > kDaviesBouldinSegments) return std::nullopt;
    std::vector<double> worst(segments.size());
    parallel_chunks(host, threads, std::ssize(segments), [&]() -> ChunkBody {
        return [&](std::int64_t k) { worst[k] = worst_ratio(spread, segments, columns, segments[k]); };
    });
    const double mean =
        std::accumulate(worst.begin(), worst.end(), 0.) / static_cast<double>(segments.size());
    return std::isinf(mean) ? std::nullopt : std::optional(mean);
}

std::optional<double> calinski_harabasz(const Spread& spread, const std::vector<int>& segments, int columns) {
    const auto count =
        static_cast<double>(std::accumulate(spread.sizes.begin(), spread.sizes.end(), std::int64_t{0}));
    const double within = std::accumulate(spread.squares.begin(), spread.squares.end(), 0.);
    const auto k = static_cast<double>(segments.size());
    if (within == 0 || count <= k) return std::nullopt;
    std::vector<double> mean(static_cast<std::size_t>(columns));
    for (const int s : segments)
        for (int j = 0; j < columns; j++)
            mean[j] +=
                spread.means[std::int64_t{s} * columns + j] * (static_cast<double>(spread.sizes[s]) / count);
    double between = 0;
    for (const int s : segments)
        between +=
            static_cast<double>(spread.sizes[s]) *
            squared_distance(&spread.means[std::size_t(s) * std::size_t(columns)], mean.data(), columns);
    return between / (k - 1) / (within / (count - k));
}

double pairs(double n) noexcept { return n * (n - 1) / 2; }

}  // namespace

Silhouette silhouette(const Points& points, std::span<const std::int32_t> segment, std::int64_t most,
                      int threads, Host& host) {
    const Sample sample = take_sample(points, segment, most, host);
    Silhouette result{{}, std::ssize(sample.segment)};
    if (result.points == 0 || sample.segment.front() == sample.segment.back()) return result;
    constexpr std::int64_t kPerChunk = kSampleRowsPerChunk;
    const std::int64_t segments = sample.segments();
    std::vector<double> sums(static_cast<std::size_t>((result.points + kPerChunk - 1) / kPerChunk));
    parallel_chunks(host, threads, std::ssize(sums), [&]() -> ChunkBody {
        return [&, scratch = std::vector<float>(),
                distances = std::vector<double>(static_cast<std::size_t>(kPerChunk * segments))](
                   std::int64_t chunk) mutable {
            const std::int64_t first = chunk * kPerChunk, last = std::min(first + kPerChunk, result.points);
            sum_distances(sample.rows.data(), points.columns(), sample.start, first, last, scratch,
                          distances.data());
            for (std::int64_t r = first; r < last; r++)
                sums[chunk] += silhouette_of(&distances[static_cast<std::size_t>((r - first) * segments)],
                                             sample, sample.segment[r]);
        };
    });
    result.mean = std::accumulate(sums.begin(), sums.end(), 0.) / static_cast<double>(result.points);
    return result;
}

SegmentQuality measure_segments(const Points& points, std::span<const std::int32_t> segment, int segments,
                                std::int64_t most, int threads, Host& host) {
    SegmentQuality quality;
    if (segments == 0) return quality;
    const Spread spread = spread_of(points, segment, segments, threads, host);
    quality.inertia = std::accumulate(spread.squares.begin(), spread.squares.end(), 0.);
    const auto found = present(spread);
    if (found.size() < 2) return quality;
    const Silhouette of_sample = silhouette(points, segment, most, threads, host);
    quality.silhouette = of_sample.mean;
    quality.silhouette_points = of_sample.points;
    quality.davies_bouldin = davies_bouldin(spread, found, points.columns(), threads, host);
    quality.calinski_harabasz = calinski_harabasz(spread, found, points.columns());
    return quality;
}

std::size_t quality_memory(std::int64_t rows, int columns, int segments, std::int64_t most,
                           int threads) noexcept {
    const auto n = static_cast<std::size_t>(rows), d = static_cast<std::size_t>(columns),
               k = static_cast<std::size_t>(segments),
               sample = static_cast<std::size_t>(std::min(rows, most));
    const std::size_t means = 2 * sizeof(double) + 2 * sizeof(float);  // and as a table of centroids
    const std::size_t per_segment = 5 * sizeof(double) + 4 * sizeof(float);
    const std::size_t per_thread =
        kSampleRowsPerChunk * (std::min(k, sample) * sizeof(double) + d * sizeof(float));
    return k * (d * means + per_segment) + n * (sizeof(std::int32_t) + sizeof(double)) +
           sample * (d * sizeof(float) + sizeof(std::int32_t) + 2 * sizeof(std::int64_t)) +
           static_cast<std::size_t>(threads) * per_thread;
}

double adjusted_rand_index(std::span<const std::int32_t> a, std::span<const std::int32_t> b) {
    std::map<std::pair<std::int32_t, std::int32_t>, double> both;
    std::map<std::int32_t, double> of_a, of_b;
    double count = 0, same = 0, in_a = 0, in_b = 0;
    for (std::size_t k = 0; k < a.size(); k++) {
        if (a[k] < 0 || b[k] < 0) continue;
        both[{a[k], b[k]}]++;
        count++;
    }
    for (const auto& [pair, n] : both) {
        same += pairs(n);
        of_a[pair.first] += n;
        of_b[pair.second] += n;
    }
    for (const auto& [segment, n] : of_a) in_a += pairs(n);
    for (const auto& [segment, n] : of_b) in_b += pairs(n);
    if (count < 2) return 1;
    const double expected = in_a * in_b / pairs(count), most = (in_a + in_b) / 2;
    return most == expected ? 1 : (same - expected) / (most - expected);
}

}  // namespace personalize::core
