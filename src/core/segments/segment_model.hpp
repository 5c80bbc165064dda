// A division into segments that is kept: how features become points, where the segments are, and what they
// were like when it was made.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/segments/dbscan.hpp"
#include "core/segments/feature_scaling.hpp"
#include "core/segments/feature_table.hpp"
#include "core/segments/nearest_centroid.hpp"
#include "core/segments/segment_quality.hpp"

namespace personalize::core {

enum class SegmentAlgorithm : std::uint8_t { kmeans, dbscan };  // stored in models: never renumber

// How the numbers of a column were spread over bins, each above one edge and up to the next.
struct Bins {
    std::vector<double> edges;   // ascending; at most nine
    std::vector<double> shares;  // of each bin: one more than edges
};

struct SegmentModel {
    SegmentAlgorithm algorithm = SegmentAlgorithm::kmeans;
    FeatureScaling scaling = FeatureScaling::zscore;
    std::vector<SegmentFeature> features;
    Space space;  // of the columns of the features
    std::int64_t rows = 0, noise = 0;
    std::vector<std::int64_t> sizes;  // of each segment, the largest first
    std::vector<double> centroids;    // segments x columns, coordinates
    // In the units of the features: mean and deviation of each column, and the mean in each segment.
    std::vector<double> means, deviations, segment_means;
    std::vector<Bins> bins;  // of each column
    SegmentQuality quality;
    double stability = kMissing;  // of k-means (choose_k.hpp)
    // DBSCAN
    double eps = 0;
    std::int32_t min_points = 0;
    std::vector<double> cores;  // rows of coordinates, in double precision
    std::vector<std::int32_t> core_segment;

    int columns() const noexcept { return space.columns(); }
    int segments() const noexcept { return static_cast<int>(std::ssize(sizes)); }

    double share(int segment) const noexcept;  // of the rows
    // By how many deviations a column's mean in a segment is above everyone's; 0 where all are equal.
    double difference(int segment, std::size_t column) const noexcept;
};

// Fills sizes, noise, means, deviations, segment_means and bins. segment: of each of the points, below
// `segments`, or -1. values: the table of which the points were made.
void summarize_segments(std::span<const double> values, const Points& points,
                        std::span<const std::int32_t> segment, int segments, int threads, SegmentModel& model,
                        Host& host);
std::size_t summary_memory(std::int64_t rows, int columns, int segments, int threads) noexcept;  // bytes

std::size_t segment_model_size(const SegmentModel& model);  // in bytes
std::vector<std::byte> write_segment_model(const SegmentModel& model);
// Throws CorruptModel where the bytes are not those of a model, or hold numbers that cannot be computed with.
SegmentModel read_segment_model(std::span<const std::byte> bytes);

// Gives rows their segment. Keeps scratch memory: one for each thread.
class SegmentAssigner {
  public:
    SegmentAssigner(std::shared_ptr<const SegmentModel> model, Host& host);

    const SegmentModel& model() const noexcept { return *model_; }
    // values: the columns of the features, finite. From 0; -1: in none (noise). Throws InvalidInput where a
    // coordinate is too large.
    std::int32_t assign(const double* values);

  private:
    const std::shared_ptr<const SegmentModel> model_;
    CentroidTable centroids_;
    std::unique_ptr<dbscan::CorePoints> cores_;
    ScanMemory memory_;
    std::vector<float> point_;
    std::vector<double> exact_point_;
};

// What sets a segment apart: up to `most` features in words, those first whose mean is most deviations away
// from everyone's: "spend 3.2 times the average, country Spain 85 % (all: 12 %)". Categories are cut after 60
// bytes.
std::string describe_segment(const SegmentModel& model, int segment, int most);

// Index of the bin of a value.
std::size_t bin_of(const Bins& bins, double value) noexcept;
// How much shares have moved: sum of (now - then) log(now / then), shares of at least 1e-4 (population
// stability index: below 0.1 little, above 0.25 much).
double stability_index(std::span<const double> then, std::span<const double> now) noexcept;

}  // namespace personalize::core
