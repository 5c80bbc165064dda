#include "core/segments/centroids.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace personalize::core {

namespace {

constexpr int kMostForGaps = 1024;  // gaps take count^2 distances
constexpr float kInfinity = std::numeric_limits<float>::infinity();

void fill_scores(CentroidTable& table, Host& host) {
    const int padded = (table.count + CentroidTable::kTile - 1) / CentroidTable::kTile * CentroidTable::kTile;
    table.tiles.assign(static_cast<std::size_t>(padded) * static_cast<std::size_t>(table.columns), 0);
    table.start.assign(static_cast<std::size_t>(padded), kInfinity);
    table.slack.assign(static_cast<std::size_t>(padded), kInfinity);
    for (int c = 0; c < table.count; c++) {
        if (c % 256 == 0) host.poll();
        const std::int64_t tile = c / CentroidTable::kTile, place = c % CentroidTable::kTile;
        float* const to = table.tiles.data() + tile * CentroidTable::kTile * table.columns + place;
        double square = 0;
        for (int j = 0; j < table.columns; j++) {
            const double x = table.centroid(c)[j];
            square += x * x;
            to[std::int64_t{j} * CentroidTable::kTile] = -2 * table.rounded_centroid(c)[j];
        }
        const double error = square * table.error + CentroidTable::kLeastError;
        table.start[c] = static_cast<float>(square - error);
        table.slack[c] = static_cast<float>(2.01 * error);
        table.rounding[c] = static_cast<float>(std::sqrt(square) * 0x1.01p-24 + 1e-40);
    }
}

void fill_gaps(CentroidTable& table, Host& host) {
    table.half_gap.assign(static_cast<std::size_t>(table.count), table.count == 1 ? kInfinity : 0);
    if (table.count == 1 || table.count > kMostForGaps) return;
    std::vector<double> nearest(static_cast<std::size_t>(table.count),
                                std::numeric_limits<double>::infinity());
    for (int c = 1; c < table.count; c++) {
        host.poll();
        for (int other = 0; other < c; other++) {
            const double d = squared_distance(table.centroid(c), table.centroid(other), table.columns);
            nearest[c] = std::min(nearest[c], d);
            nearest[other] = std::min(nearest[other], d);
        }
    }
    for (int c = 0; c < table.count; c++)
        table.half_gap[c] = static_cast<float>(std::sqrt(nearest[c]) * (.5 - 1e-6));
}

}  // namespace

double squared_distance(const double* a, const double* b, int columns) noexcept {
    double sum = 0;
    for (int j = 0; j < columns; j++) sum += (a[j] - b[j]) * (a[j] - b[j]);
    return sum;
}

CentroidTable make_centroid_table(std::span<const double> centroids, int columns, Host& host) {
    CentroidTable table;
    table.count = static_cast<int>(std::ssize(centroids) / columns);
    table.columns = columns;
    table.error = static_cast<float>((columns + 8) * 0x1.1p-24);
    table.exact.assign(centroids.begin(), centroids.end());
    for (const double x : centroids) table.rounded.push_back(static_cast<float>(x));
    table.rounding.resize(static_cast<std::size_t>(table.count));
    fill_scores(table, host);
    fill_gaps(table, host);
    return table;
}

}  // namespace personalize::core
