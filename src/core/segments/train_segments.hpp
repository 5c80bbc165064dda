// From a table of features to a model of segments.
#pragma once

#include <optional>
#include <vector>

#include "core/runtime/memory_budget.hpp"
#include "core/segments/choose_k.hpp"
#include "core/segments/segment_model.hpp"

namespace personalize::core {

// Silhouettes are computed among so many points at most, k is chosen and stability measured by so many.
inline constexpr std::int64_t kSilhouettePoints = 10000, kChoicePoints = 50000, kStabilityPoints = 20000;

struct SegmentTraining {
    SegmentModel model;
    std::vector<kmeans::Trial> trials;  // where k was chosen
    int iterations = 0;                 // k-means
    bool settled = false;
};

struct KMeansTraining {
    kmeans::Options options{.k = 0};  // k 0: chosen by silhouette, from min_k to max_k
    int min_k = 2, max_k = 10;
    FeatureScaling scaling = FeatureScaling::zscore;
};

struct DbscanTraining {
    std::optional<double> eps;  // none: where the distances to the min_points-th neighbour bend
    int min_points = 5;
    FeatureScaling scaling = FeatureScaling::zscore;
    int threads = 1;
};

// Flags and categories stay 0 and 1, whatever the scaling of numbers. The inertia is in units of the scaled
// features. Throws MemoryLimitExceeded, and InvalidInput.
SegmentTraining train_kmeans_model(FeatureTable table, const KMeansTraining& request, MemoryBudget& budget,
                                   Host& host);
SegmentTraining train_dbscan_model(FeatureTable table, const DbscanTraining& request, MemoryBudget& budget,
                                   Host& host);

// A table's rows as DBSCAN takes them, and how they became so.
std::vector<Axis> dbscan_axes(const FeatureTable& table, FeatureScaling scaling, int threads, Host& host);
// Values, row after row, become coordinates. Throws InvalidInput where a scaled one is above
// kLargestCoordinate.
void place_rows(std::span<double> values, const std::vector<Axis>& axes, FeatureScaling scaling, Host& host);

}  // namespace personalize::core
