// How many segments there are, and how sure they are.
#pragma once

#include <vector>

#include "core/segments/kmeans.hpp"

namespace personalize::core::kmeans {

struct Trial {
    int k = 0;
    double inertia = 0;
    double silhouette = 0;
};

struct Choice {
    Model model;  // of the highest silhouette, of equals the fewest segments
    std::vector<Trial> trials;
    std::int64_t silhouette_points = 0;
};

// Trains with k from low to high, at least 2; options.k is not used. The range ends where fewer points
// differ, as train() has fewer segments then. Where all points are equal, the model has one segment and there
// are no trials. The silhouette is computed among `most` points.
Choice choose_k(const Points& points, int low, int high, const Options& options, std::int64_t most,
                Host& host);

// Trains on random halves of the points, gives all points their nearest centroid, and compares: the mean
// adjusted Rand index between this and the model's segments. 1: they do not depend on who is in the sample.
double stability(const Points& points, std::span<const std::int32_t> segment, const Options& options,
                 int halves, Host& host);

}  // namespace personalize::core::kmeans
