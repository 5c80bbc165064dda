#include "core/segments/kmeans.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "core/runtime/error.hpp"
#include "core/segments/seeds.hpp"
#include "segments/made_points.hpp"

namespace personalize::core::kmeans {
namespace {

// Lloyd's algorithm as it is written down; the same rule for segments that become empty.
struct Brute {
    std::vector<double> centroids;
    std::vector<int> segment;
    std::vector<std::int64_t> sizes;
};

int nearest(const float* x, const std::vector<double>& centroids, int columns) {
    int best = 0;
    double least = std::numeric_limits<double>::infinity();
    for (int c = 0; c < std::ssize(centroids) / columns; c++) {
        const double d = brute_distance(x, &centroids[static_cast<std::size_t>(c * columns)], columns);
        if (d < least) {
            least = d;
            best = c;
        }
    }
    return best;
}

// Of each row to the centroid of its segment.
std::vector<double> distances(const Points& points, const Brute& brute) {
    const int columns = points.columns();
    std::vector<double> result;
    for (std::int64_t r = 0; r < points.rows; r++)
        result.push_back(
            brute_distance(points.row(r), &brute.centroids[brute.segment[r] * columns], columns));
    return result;
}

// Of those that are not alone in their segment; -1: none.
std::int64_t farthest_row(const Brute& brute, const std::vector<double>& distance) {
    std::int64_t farthest = -1;
    for (std::int64_t r = 0; r < std::ssize(distance); r++)
        if (brute.sizes[brute.segment[r]] > 1 && distance[r] > 0 &&
            (farthest < 0 || distance[r] > distance[farthest]))
            farthest = r;
    return farthest;
}

void revive(const Points& points, Brute& brute) {
    std::vector<double> distance = distances(points, brute);
    for (std::size_t c = 0; c < brute.sizes.size(); c++) {
        if (brute.sizes[c] > 0) continue;
        const std::int64_t farthest = farthest_row(brute, distance);
        if (farthest < 0) return;
        distance[farthest] = 0;
        brute.sizes[brute.segment[farthest]]--;
        brute.sizes[c]++;
        brute.segment[farthest] = static_cast<int>(c);
    }
}

int assign(const Points& points, Brute& brute) {
    int changed = 0;
    brute.sizes.assign(brute.sizes.size(), 0);
    for (std::int64_t r = 0; r < points.rows; r++) {
        const int c = nearest(points.row(r), brute.centroids, points.columns());
        changed += c != brute.segment[r];
        brute.segment[r] = c;
        brute.sizes[c]++;
    }
    return changed;
}

// The centroids of segments that are empty at the end go to the farthest points.
void fill_empty(const Points& points, Brute& brute) {
    const int columns = points.columns();
    for (bool any = true; any; assign(points, brute)) {
        any = false;
        std::vector<double> distance = distances(points, brute);
        for (std::size_t c = 0; c < brute.sizes.size(); c++) {
            if (brute.sizes[c] > 0) continue;
            const std::int64_t farthest = farthest_row(brute, distance);
            if (farthest < 0) break;
            distance[farthest] = 0;
            std::copy_n(points.row(farthest), columns,
                        brute.centroids.begin() + std::ssize(brute.centroids) / std::ssize(brute.sizes) *
                                                      static_cast<std::int64_t>(c));
            any = true;
        }
    }
}

Brute brute_lloyd(const Points& points, std::vector<double> centroids, int iterations) {
    const int columns = points.columns();
    Brute brute{std::move(centroids), std::vector<int>(static_cast<std::size_t>(points.rows), -1), {}};
    brute.sizes.resize(brute.centroids.size() / static_cast<std::size_t>(columns));
    for (int i = 0;; i++) {
        const bool settled = assign(points, brute) == 0;
        if (settled || i == iterations) {
            if (!settled) fill_empty(points, brute);
            return brute;
        }
        revive(points, brute);
        std::vector<long double> sums(brute.centroids.size());
        for (std::int64_t r = 0; r < points.rows; r++)
            for (int j = 0; j < columns; j++) sums[brute.segment[r] * columns + j] += points.row(r)[j];
        for (std::size_t e = 0; e < sums.size(); e++)
            if (const auto n = brute.sizes[e / static_cast<std::size_t>(columns)]; n > 0)
                brute.centroids[e] = static_cast<double>(sums[e]) / static_cast<double>(n);
    }
}

// Largest first, ties by centroid.
std::vector<int> numbers(const Brute& brute, int columns) {
    std::vector<int> order;
    for (int c = 0; c < std::ssize(brute.sizes); c++)
        if (brute.sizes[c] > 0) order.push_back(c);
    std::sort(order.begin(), order.end(), [&](int a, int b) {
        if (brute.sizes[a] != brute.sizes[b]) return brute.sizes[a] > brute.sizes[b];
        const auto x = brute.centroids.begin();
        return std::lexicographical_compare(x + a * columns, x + (a + 1) * columns, x + b * columns,
                                            x + (b + 1) * columns);
    });
    std::vector<int> number(brute.sizes.size(), -1);
    for (std::size_t n = 0; n < order.size(); n++) number[order[n]] = static_cast<int>(n);
    return number;
}

std::vector<double> seeds_of(const Points& points, int k, std::uint64_t seed) {
    QuietHost host;
    Random random(seed, 0);
    std::vector<double> centroids;
    for (const std::int64_t r : choose_seeds(points, k, random, 1, host))
        centroids.insert(centroids.end(), points.row(r), points.row(r) + points.columns());
    return centroids;
}

std::vector<double> random_centroids(const Points& points, int k, std::uint64_t seed) {
    Random random(seed, 9);
    std::vector<double> centroids;
    for (int c = 0; c < k; c++) {  // the same point may come twice
        const float* row =
            points.row(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(points.rows))));
        centroids.insert(centroids.end(), row, row + points.columns());
    }
    return centroids;
}

void expect_as_brute_force(const Points& points, const std::vector<double>& seeds, int iterations) {
    QuietHost host;
    Options options;
    options.max_iterations = iterations;
    options.tolerance = 0;
    options.threads = 2;
    const Model model = lloyd(points, seeds, options, host);
    const Brute brute = brute_lloyd(points, seeds, iterations);
    const auto number = numbers(brute, points.columns());
    std::int64_t different = 0;
    double inertia = 0;
    for (std::int64_t r = 0; r < points.rows; r++) {
        different += model.segment[r] != number[brute.segment[r]];
        inertia += brute_distance(points.row(r), &brute.centroids[brute.segment[r] * points.columns()],
                                  points.columns());
    }
    EXPECT_EQ(different, 0);
    EXPECT_NEAR(model.inertia, inertia, 1e-9 * inertia + 1e-12);
    EXPECT_EQ(std::accumulate(model.sizes.begin(), model.sizes.end(), std::int64_t{0}), points.rows);
    EXPECT_TRUE(std::is_sorted(model.sizes.rbegin(), model.sizes.rend()));
}

void expect_as_brute_force(const Table& table, int columns, int k, std::uint64_t seed) {
    SCOPED_TRACE(testing::Message() << columns << " columns, k " << k << ", seed " << seed);
    const Points points = points_of(table, columns);
    expect_as_brute_force(points, seeds_of(points, k, seed), 300);
    expect_as_brute_force(points, random_centroids(points, k, seed), 3);
    expect_as_brute_force(points, random_centroids(points, k, seed), 300);
}

TEST(KMeans, AsBruteForce) {
    for (const int columns : {1, 2, 3, 7, 15, 16, 17, 33, 64})
        for (const int k : {1, 2, 3, 5, 8, 21, 70})
            for (std::uint64_t seed = 0; seed < 3; seed++) {
                expect_as_brute_force(gaussian(500, columns, seed), columns, k, seed);
                expect_as_brute_force(blobs(700, columns, 6, .2, seed), columns, k, seed);
            }
}

TEST(KMeans, AsBruteForceWithEqualRowsAndDistances) {
    for (const int columns : {1, 2, 5, 20})
        for (const int k : {1, 2, 4, 9, 30})
            for (std::uint64_t seed = 0; seed < 5; seed++) {
                expect_as_brute_force(lattice(300, columns, 2, seed), columns, k, seed);
                expect_as_brute_force(lattice(300, columns, 5, seed), columns, k, seed);
                expect_as_brute_force(with_constant_column(lattice(200, columns, 3, seed), columns), columns,
                                      k, seed);
            }
}

TEST(KMeans, AsBruteForceInThousandColumns) {
    expect_as_brute_force(blobs(150, 1000, 4, 1, 1), 1000, 5, 1);
    expect_as_brute_force(gaussian(150, 1000, 2), 1000, 9, 2);
}

TEST(KMeans, AsBruteForceFarFromTheOrigin) {
    for (const double scale : {1e-25, 1e-12, 1e9}) {
        Table table = gaussian(400, 3, 5);
        table[3] = 1000;  // an outlier
        for (double& x : table) x *= scale;
        expect_as_brute_force(table, 3, 6, 1);
        for (double& x : table) x += 1000 * scale;
        expect_as_brute_force(table, 3, 6, 2);
    }
}

TEST(KMeans, AsManySegmentsAsPoints) {
    const Points points = points_of(gaussian(40, 3, 1), 3);
    QuietHost host;
    Options options;
    for (options.k = 40; options.k <= 50; options.k += 10) {
        const Model model = train(points, options, host);
        EXPECT_EQ(model.segments(), 40);
        EXPECT_EQ(model.inertia, 0);
    }
}

TEST(KMeans, FewerSegmentsWhereFewerPointsDiffer) {
    const Table table = lattice(100, 2, 2, 3);  // 4 different ones
    QuietHost host;
    Options options;
    options.k = 9;
    const Model model = train(points_of(table, 2), options, host);
    EXPECT_EQ(model.segments(), 4);
    EXPECT_EQ(model.inertia, 0);
    const Model one = train(points_of(Table(50, 1.5), 1), options, host);
    EXPECT_EQ(one.segments(), 1);
    EXPECT_EQ(one.sizes[0], 50);
    EXPECT_NEAR(one.centroids[0], 1.5, 1e-12);
}

std::int64_t different_rows(const Points& points) {
    std::set<std::vector<float>> rows;
    for (std::int64_t r = 0; r < points.rows; r++)
        rows.emplace(points.row(r), points.row(r) + points.columns());
    return std::ssize(rows);
}

// Wherever it stops, and from whatever centroids: far ones leave segments empty.
TEST(KMeans, AsManySegmentsAsAskedForWhereverItStops) {
    QuietHost host;
    for (std::uint64_t seed = 0; seed < 40; seed++) {
        const int columns = 1 + static_cast<int>(seed % 3);
        const Points points =
            points_of(seed % 2 ? lattice(120, columns, 4, seed) : gaussian(120, columns, seed), columns);
        for (const int k : {2, 7, 30, 119}) {
            auto far = gaussian(k, columns, seed + 100);
            for (double& x : far) x *= seed % 5 == 0 ? 1 : 30;
            for (const auto& [iterations, tolerance] : {std::pair{1, 0.}, {2, 0.}, {300, 1e3}, {300, .1}}) {
                SCOPED_TRACE(testing::Message() << seed << " " << k << " " << iterations << " " << tolerance);
                const Options options{.k = k,
                                      .max_iterations = iterations,
                                      .tolerance = tolerance,
                                      .restarts = 2,
                                      .seed = seed};
                const auto expected = std::min<std::int64_t>(k, different_rows(points));
                for (const Model& model : {lloyd(points, far, options, host), train(points, options, host)}) {
                    ASSERT_EQ(model.segments(), expected);
                    EXPECT_GT(model.sizes.back(), 0);
                    EXPECT_EQ(std::accumulate(model.sizes.begin(), model.sizes.end(), std::int64_t{0}),
                              points.rows);
                    for (std::int64_t r = 0; r < points.rows; r++)
                        EXPECT_EQ(
                            brute_distance(points.row(r), &model.centroids[model.segment[r] * columns],
                                           columns),
                            brute_distance(
                                points.row(r),
                                &model.centroids[nearest(points.row(r), model.centroids, columns) * columns],
                                columns));
                }
            }
        }
    }
}

// Labels in the order of the input's rows.
std::vector<std::int32_t> labels(const Points& points, const Model& model) {
    std::vector<std::int32_t> result(static_cast<std::size_t>(points.rows));
    for (std::int64_t r = 0; r < points.rows; r++) result[points.origin[r]] = model.segment[r];
    return result;
}

TEST(KMeans, SameForAnyThreadsAndRowOrder) {
    constexpr int kColumns = 5;
    const std::int64_t rows = 20000;
    Table table = blobs(rows, kColumns, 7, .6, 3), shuffled(table.size());
    for (std::int64_t r = 0; r < 200; r++)  // some are equal
        std::copy_n(table.begin() + r * kColumns, kColumns, table.begin() + (r + 1000) * kColumns);
    std::vector<std::int64_t> order(static_cast<std::size_t>(rows));
    std::iota(order.begin(), order.end(), 0);
    Random random(4, 0);
    for (std::int64_t r = rows - 1; r > 0; r--)
        std::swap(order[r], order[random.below(static_cast<std::uint64_t>(r + 1))]);
    for (std::int64_t r = 0; r < rows; r++)
        std::copy_n(table.begin() + order[r] * kColumns, kColumns, shuffled.begin() + r * kColumns);

    QuietHost host;
    Options options;
    options.restarts = 2;
    options.k = 6;
    const Points points = points_of(table, kColumns);
    const Model model = train(points, options, host);
    const auto expected = labels(points, model);
    for (const int threads : {1, 2, 5}) {
        options.threads = threads;
        const Points other = points_of(shuffled, kColumns, threads);
        const Model again = train(other, options, host);
        EXPECT_EQ(again.centroids, model.centroids);
        EXPECT_EQ(again.inertia, model.inertia);
        const auto found = labels(other, again);
        for (std::int64_t r = 0; r < rows; r++) ASSERT_EQ(found[r], expected[order[r]]);
    }
}

TEST(KMeans, FindsWhatIsThere) {
    const Points points = points_of(blobs(3000, 8, 10, .05, 8), 8);
    QuietHost host;
    Options options;
    options.k = 10;
    EXPECT_LT(train(points, options, host).inertia, 3000 * 8 * .05 * .05 * 1.05);
}

TEST(Seeds, DifferFromOneAnother) {
    const Points points = points_of(lattice(5000, 2, 10, 1), 2);  // 100 different ones
    QuietHost host;
    Random random(1, 0);
    const auto seeds = choose_seeds(points, 200, random, 2, host);
    EXPECT_EQ(seeds.size(), 100u);
    for (std::size_t a = 0; a < seeds.size(); a++)
        for (std::size_t b = 0; b < a; b++)
            EXPECT_NE(std::vector(points.row(seeds[a]), points.row(seeds[a]) + 2),
                      std::vector(points.row(seeds[b]), points.row(seeds[b]) + 2));
}

class CancellingHost : public Host {
  public:
    void poll() override {
        if (--left_ == 0) throw Cancelled();
    }

  private:
    int left_ = 3;
};

TEST(KMeans, CanBeCancelled) {
    const Points points = points_of(gaussian(20000, 16, 1), 16);
    CancellingHost host;
    Options options;
    options.k = 50;
    options.threads = 2;
    EXPECT_THROW(train(points, options, host), Cancelled);
}

}  // namespace
}  // namespace personalize::core::kmeans
