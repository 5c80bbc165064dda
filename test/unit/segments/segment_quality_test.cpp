#include "core/segments/segment_quality.hpp"

#include <gtest/gtest.h>

#include <numbers>
#include <numeric>

#include "core/segments/choose_k.hpp"
#include "segments/made_points.hpp"

namespace personalize::core {
namespace {

constexpr std::int64_t kAll = 1 << 20;

using Labels = std::vector<std::int32_t>;

double apart(const Points& points, std::int64_t a, std::int64_t b) {
    const std::vector<double> other(points.row(b), points.row(b) + points.columns());
    return std::sqrt(brute_distance(points.row(a), other.data(), points.columns()));
}

// By the definition.
double brute_silhouette(const Points& points, const Labels& labels, int segments) {
    double sum = 0, count = 0;
    for (std::int64_t a = 0; a < points.rows; a++) {
        if (labels[a] < 0) continue;
        count++;
        std::vector<double> sums(static_cast<std::size_t>(segments)), sizes(sums.size());
        for (std::int64_t b = 0; b < points.rows; b++) {
            if (labels[b] < 0 || a == b) continue;
            sums[labels[b]] += apart(points, a, b);
            sizes[labels[b]]++;
        }
        if (sizes[labels[a]] == 0) continue;
        const double within = sums[labels[a]] / sizes[labels[a]];
        double nearest = HUGE_VAL;
        for (int s = 0; s < segments; s++)
            if (s != labels[a] && sizes[s] > 0) nearest = std::min(nearest, sums[s] / sizes[s]);
        if (std::max(within, nearest) > 0) sum += (nearest - within) / std::max(within, nearest);
    }
    return sum / count;
}

Labels random_labels(std::int64_t rows, int segments, std::uint64_t seed, bool noise) {
    Random random(seed, 3);
    Labels labels;
    for (std::int64_t r = 0; r < rows; r++)
        labels.push_back(
            static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(segments + noise))) - noise);
    return labels;
}

TEST(SegmentQuality, SilhouetteAsByDefinition) {
    QuietHost host;
    for (const int columns : {1, 3, 17, 100})
        for (const int segments : {2, 5})
            for (const bool noise : {false, true}) {
                const Points points = points_of(blobs(300, columns, 4, .3, 2), columns);
                const Labels labels = random_labels(300, segments, 4, noise);
                const double expected = brute_silhouette(points, labels, segments);
                for (const int threads : {1, 2}) {
                    const auto found = silhouette(points, labels, kAll, threads, host);
                    ASSERT_TRUE(found.mean);
                    EXPECT_NEAR(*found.mean, expected, 1e-5);
                }
            }
}

TEST(SegmentQuality, SilhouetteOfASampleIsNear) {
    QuietHost host;
    const Points points = points_of(blobs(4000, 3, 4, .3, 2), 3);
    kmeans::Options options;
    options.k = 4;
    const kmeans::Model model = kmeans::train(points, options, host);
    const auto all = silhouette(points, model.segment, kAll, 1, host);
    const auto some = silhouette(points, model.segment, 500, 1, host);
    EXPECT_EQ(all.points, 4000);
    EXPECT_EQ(some.points, 500);
    EXPECT_NEAR(*some.mean, *all.mean, .05);
}

// Four points on a line in two segments: as worked out by hand.
TEST(SegmentQuality, OfFourPoints) {
    QuietHost host;
    const Points points = points_of({0, 2, 10, 14}, 1);
    Labels labels;
    for (std::int64_t r = 0; r < 4; r++) labels.push_back(points.row(r)[0] > 5);
    const auto quality = measure_segments(points, labels, 2, kAll, 1, host);
    EXPECT_DOUBLE_EQ(quality.inertia, 2 + 8);
    EXPECT_DOUBLE_EQ(*quality.davies_bouldin, (1. + 2) / 11);
    EXPECT_DOUBLE_EQ(*quality.calinski_harabasz, 4 * 5.5 * 5.5 / (10. / 2));
    EXPECT_NEAR(*quality.silhouette, (10. / 12 + 8. / 10 + 5. / 9 + 9. / 13) / 4, 1e-6);
    EXPECT_EQ(quality.silhouette_points, 4);
}

double brute_davies_bouldin(const Points& points, const Labels& labels, int segments) {
    const int columns = points.columns();
    std::vector<std::vector<double>> means(static_cast<std::size_t>(segments),
                                           std::vector<double>(static_cast<std::size_t>(columns)));
    std::vector<double> sizes(means.size()), spreads(means.size());
    for (std::int64_t r = 0; r < points.rows; r++) {
        sizes[labels[r]]++;
        for (int j = 0; j < columns; j++) means[labels[r]][j] += points.row(r)[j];
    }
    for (int s = 0; s < segments; s++)
        for (double& x : means[s]) x /= sizes[s];
    for (std::int64_t r = 0; r < points.rows; r++)
        spreads[labels[r]] +=
            std::sqrt(brute_distance(points.row(r), means[labels[r]].data(), columns)) / sizes[labels[r]];
    double sum = 0;
    for (int a = 0; a < segments; a++) {
        double worst = 0;
        for (int b = 0; b < segments; b++) {
            double square = 0;
            for (int j = 0; j < columns; j++)
                square += (means[a][j] - means[b][j]) * (means[a][j] - means[b][j]);
            if (a != b) worst = std::max(worst, (spreads[a] + spreads[b]) / std::sqrt(square));
        }
        sum += worst;
    }
    return sum / segments;
}

TEST(SegmentQuality, OfManySegments) {
    QuietHost host;
    for (const int segments : {3, 700}) {
        const Points points = points_of(gaussian(1400, 3, 5), 3);
        Labels labels;
        for (std::int64_t r = 0; r < points.rows; r++)
            labels.push_back(static_cast<std::int32_t>(r % segments));
        const auto one = measure_segments(points, labels, segments, kAll, 1, host);
        const auto three = measure_segments(points, labels, segments, kAll, 3, host);
        const double expected = brute_davies_bouldin(points, labels, segments);
        EXPECT_NEAR(one.davies_bouldin.value(), expected, 1e-9 * expected);
        EXPECT_EQ(one.davies_bouldin, three.davies_bouldin);
        EXPECT_EQ(one.silhouette, three.silhouette);
        EXPECT_NEAR(one.silhouette.value(), brute_silhouette(points, labels, segments), 1e-5);
    }
}

// As many as rows: what takes the distances between all segments is left out.
TEST(SegmentQuality, OfTooManySegments) {
    QuietHost host;
    for (const int segments : {kDaviesBouldinSegments, kDaviesBouldinSegments + 1}) {
        Table table(static_cast<std::size_t>(segments) + 1);
        std::iota(table.begin(), table.end(), 0.);
        const Points points = points_of(table, 1);
        Labels labels(table.size());  // two rows share a segment
        for (std::int64_t r = 0; r < points.rows; r++) labels[r] = static_cast<std::int32_t>(r % segments);
        const auto quality = measure_segments(points, labels, segments, 1000, 2, host);
        EXPECT_EQ(quality.davies_bouldin.has_value(), segments == kDaviesBouldinSegments);
        EXPECT_EQ(quality.silhouette, 0);
        EXPECT_EQ(quality.silhouette_points, 1000);
        EXPECT_TRUE(quality.calinski_harabasz);
    }
}

TEST(SegmentQuality, NothingForOneSegment) {
    QuietHost host;
    const Points points = points_of(gaussian(50, 2, 1), 2);
    const auto quality = measure_segments(points, Labels(50, 0), 1, kAll, 1, host);
    EXPECT_GT(quality.inertia, 0);
    EXPECT_FALSE(quality.silhouette || quality.davies_bouldin || quality.calinski_harabasz);
    const auto noise = measure_segments(points, Labels(50, -1), 3, kAll, 1, host);
    EXPECT_EQ(noise.inertia, 0);
    EXPECT_EQ(measure_segments(points, Labels(50, -1), 0, kAll, 1, host).inertia, 0);
}

TEST(SegmentQuality, AllPointsEqual) {
    QuietHost host;
    const Points points = points_of(Table(20, 3), 1);
    const auto quality = measure_segments(points, random_labels(20, 2, 1, false), 2, kAll, 1, host);
    EXPECT_EQ(*quality.silhouette, 0);
    EXPECT_FALSE(quality.calinski_harabasz);
}

TEST(AdjustedRandIndex, AsKnown) {
    const Labels a{0, 0, 1, 1}, swapped{1, 1, 0, 0}, crossed{0, 1, 0, 1}, merged{0, 0, 1, 2};
    EXPECT_EQ(adjusted_rand_index(a, swapped), 1);
    EXPECT_DOUBLE_EQ(adjusted_rand_index(a, crossed), -.5);
    EXPECT_DOUBLE_EQ(adjusted_rand_index(a, merged), 4. / 7);  // as scikit-learn documents
    EXPECT_NEAR(adjusted_rand_index(random_labels(20000, 3, 1, false), random_labels(20000, 4, 2, false)), 0,
                .01);
}

TEST(ChooseK, FindsHowManyGroupsThereAre) {
    QuietHost host;
    for (const int groups : {2, 4, 7}) {
        // On a circle, so that they are equally far from one another.
        Table table;
        Random random(1, 0);
        for (int r = 0; r < 1000; r++) {
            const double angle = 2 * std::numbers::pi * (r % groups) / groups;
            table.push_back(std::cos(angle) + .05 * random.normal());
            table.push_back(std::sin(angle) + .05 * random.normal());
        }
        const Points points = points_of(table, 2);
        kmeans::Options options;
        const auto choice = kmeans::choose_k(points, 2, 10, options, kAll, host);
        EXPECT_EQ(choice.model.segments(), groups);
        EXPECT_EQ(choice.trials.size(), 9u);
        options.k = groups;
        EXPECT_GT(kmeans::stability(points, choice.model.segment, options, 3, host), .99);
        options.k = groups + 3;
        const auto split = kmeans::train(points, options, host);
        EXPECT_LT(kmeans::stability(points, split.segment, options, 3, host), .95);
    }
}

TEST(ChooseK, EndsWhereFewerPointsDiffer) {
    QuietHost host;
    EXPECT_EQ(kmeans::choose_k(points_of(lattice(100, 1, 3, 1), 1), 2, 10, {}, kAll, host).trials.size(), 2u);
    const auto equal = kmeans::choose_k(points_of(Table(10, 1), 1), 2, 10, {}, kAll, host);
    EXPECT_EQ(equal.model.segments(), 1);
    EXPECT_TRUE(equal.trials.empty());
}

}  // namespace
}  // namespace personalize::core
