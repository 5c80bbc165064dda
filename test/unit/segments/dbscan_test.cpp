#include "core/segments/dbscan.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "core/runtime/error.hpp"
#include "core/segments/neighbour_distances.hpp"
#include "segments/made_points.hpp"

namespace personalize::core::dbscan {
namespace {

double square(const Table& table, int columns, std::int64_t a, std::int64_t b) {
    double sum = 0;
    for (int j = 0; j < columns; j++) {
        const double d = table[a * columns + j] - table[b * columns + j];
        sum += d * d;
    }
    return sum;
}

std::vector<double> row_of(const Table& table, int columns, std::int64_t r) {
    return {table.begin() + r * columns, table.begin() + (r + 1) * columns};
}

// By the definition: every pair of rows.
std::vector<int> brute_dbscan(const Table& table, int columns, const Options& options) {
    const std::int64_t rows = std::ssize(table) / columns;
    const double limit = options.eps * options.eps;
    std::vector<bool> core;
    for (std::int64_t a = 0; a < rows; a++) {
        int neighbours = 0;
        for (std::int64_t b = 0; b < rows; b++) neighbours += square(table, columns, a, b) <= limit;
        core.push_back(neighbours >= options.min_points);
    }
    std::vector<int> label(static_cast<std::size_t>(rows), kNoise);
    int count = 0;
    for (std::int64_t r = 0; r < rows; r++) {
        if (!core[r] || label[r] != kNoise) continue;
        std::vector<std::int64_t> reached{r};
        label[r] = count;
        while (!reached.empty()) {
            const std::int64_t a = reached.back();
            reached.pop_back();
            for (std::int64_t b = 0; b < rows; b++)
                if (core[b] && label[b] == kNoise && square(table, columns, a, b) <= limit) {
                    label[b] = count;
                    reached.push_back(b);
                }
        }
        count++;
    }
    for (std::int64_t r = 0; r < rows; r++) {
        if (core[r]) continue;
        std::int64_t nearest = -1;
        for (std::int64_t c = 0; c < rows; c++) {
            if (!core[c] || square(table, columns, r, c) > limit) continue;
            const double far = nearest < 0 ? HUGE_VAL : square(table, columns, r, nearest);
            const double near = square(table, columns, r, c);
            if (near < far || (near == far && row_of(table, columns, c) < row_of(table, columns, nearest)))
                nearest = c;
        }
        if (nearest >= 0) label[r] = label[nearest];
    }
    struct Segment {
        std::int64_t size = 0;
        std::vector<double> least;
    };
    std::vector<Segment> segments(static_cast<std::size_t>(count));
    for (std::int64_t r = 0; r < rows; r++) {
        if (label[r] == kNoise) continue;
        Segment& segment = segments[label[r]];
        segment.size++;
        const auto row = row_of(table, columns, r);
        if (core[r] && (segment.least.empty() || row < segment.least)) segment.least = row;
    }
    std::vector<int> order(segments.size()), number(segments.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int a, int b) {
        if (segments[a].size != segments[b].size) return segments[a].size > segments[b].size;
        return segments[a].least < segments[b].least;
    });
    for (std::size_t n = 0; n < order.size(); n++) number[order[n]] = static_cast<int>(n);
    for (int& l : label)
        if (l != kNoise) l = number[l];
    return label;
}

std::vector<int> labels(const Table& table, int columns, const Options& options) {
    QuietHost host;
    const Model model = train(table, columns, options, host);
    EXPECT_EQ(std::accumulate(model.sizes.begin(), model.sizes.end(), model.noise),
              std::ssize(table) / columns);
    return {model.segment.begin(), model.segment.end()};
}

void expect_as_brute_force(const Table& table, int columns) {
    for (const double eps : {.1, .5, 1., 2., 5.})
        for (const int min_points : {1, 2, 4, 10, 1000}) {
            const Options options{eps, min_points, 2};
            ASSERT_EQ(labels(table, columns, options), brute_dbscan(table, columns, options))
                << columns << " columns, eps " << eps << ", min_points " << min_points;
        }
}

TEST(Dbscan, AsBruteForce) {
    for (const int columns : {1, 2, 3, 8})
        for (std::uint64_t seed = 0; seed < 3; seed++) {
            expect_as_brute_force(gaussian(300, columns, seed), columns);
            expect_as_brute_force(blobs(400, columns, 5, .1, seed), columns);
        }
}

TEST(Dbscan, AsBruteForceWithEqualRowsAndDistances) {
    for (const int columns : {1, 2, 3})
        for (std::uint64_t seed = 0; seed < 4; seed++) {
            expect_as_brute_force(lattice(250, columns, 3, seed), columns);
            expect_as_brute_force(lattice(250, columns, 12, seed), columns);
            expect_as_brute_force(with_constant_column(lattice(250, columns, 30, seed), columns), columns);
        }
}

TEST(Dbscan, AsBruteForceInThousandColumns) {
    Table table = blobs(100, 1000, 3, .03, 1);
    expect_as_brute_force(table, 1000);
}

TEST(Dbscan, AsBruteForceForFewRows) {
    for (std::int64_t rows = 1; rows < 40; rows++) expect_as_brute_force(lattice(rows, 2, 4, 7), 2);
}

TEST(Dbscan, SameForAnyThreadsAndRowOrder) {
    constexpr int kColumns = 2;
    const std::int64_t rows = 20000;
    const Table table = lattice(rows, kColumns, 300, 5);
    Table reversed;
    for (std::int64_t r = rows - 1; r >= 0; r--) {
        const auto row = row_of(table, kColumns, r);
        reversed.insert(reversed.end(), row.begin(), row.end());
    }
    const auto expected = labels(table, kColumns, {1, 3, 1});
    for (const int threads : {1, 2, 4}) {
        auto found = labels(reversed, kColumns, {1, 3, threads});
        std::reverse(found.begin(), found.end());
        EXPECT_EQ(found, expected);
    }
}

TEST(Dbscan, PlacesAPointAsTrainingDid) {
    const Table table = lattice(500, 2, 25, 3);
    const Options options{1, 3, 1};
    QuietHost host;
    const Model model = train(table, 2, options, host);
    Table cores;
    std::vector<int> segment_of_core;
    for (std::int64_t r = 0; r < 500; r++) {
        if (!model.core[r]) continue;
        cores.insert(cores.end(), table.begin() + r * 2, table.begin() + r * 2 + 2);
        segment_of_core.push_back(model.segment[r]);
    }
    const CorePoints index(cores, 2, options.eps, host);
    for (std::int64_t r = 0; r < 500; r++) {
        const std::int64_t core = index.nearest(&table[static_cast<std::size_t>(r * 2)]);
        EXPECT_EQ(core < 0 ? kNoise : segment_of_core[core], model.segment[r]);
    }
}

TEST(Dbscan, RefusesWhatHasNoFiniteSquares) {
    QuietHost host;
    EXPECT_THROW(train(Table{1, 2, -1e200, 3}, 2, {}, host), InvalidInput);
}

class CancellingHost : public Host {
  public:
    void poll() override {
        if (--left_ == 0) throw Cancelled();
    }

  private:
    int left_ = 4;
};

TEST(Dbscan, CanBeCancelled) {
    CancellingHost host;
    EXPECT_THROW(train(gaussian(20000, 8, 1), 8, {1, 10, 2}, host), Cancelled);
}

TEST(NeighbourDistances, AsBruteForce) {
    for (const int columns : {1, 3})
        for (const int neighbours : {1, 2, 7, 1000}) {
            const Table table = lattice(400, columns, 20, 2);
            std::vector<double> expected;
            for (std::int64_t a = 0; a < 400; a++) {
                std::vector<double> all;
                for (std::int64_t b = 0; b < 400; b++) all.push_back(std::sqrt(square(table, columns, a, b)));
                std::sort(all.begin(), all.end());
                expected.push_back(all[std::min(neighbours, 400) - 1]);
            }
            std::sort(expected.begin(), expected.end());
            QuietHost host;
            EXPECT_EQ(neighbour_distances(table, columns, neighbours, 400, 2, host).distances, expected);
            EXPECT_EQ(neighbour_distances(table, columns, neighbours, 50, 2, host).distances.size(), 50u);
        }
}

// Dense groups far apart and a few rows between them: the bend divides the two.
TEST(NeighbourDistances, PointsOfTheCurve) {
    const auto points = points_of_curve({{0, 1, 1, 2, 5, 9}, 2}, 4);
    const std::vector<double> shares{0, .25, .5, .75, 1, 3. / 5}, distances{0, 1, 1, 2, 9, 2};
    ASSERT_EQ(points.size(), 6u);
    for (std::size_t k = 0; k < points.size(); k++) {
        EXPECT_EQ(points[k].share, shares[k]);
        EXPECT_EQ(points[k].distance, distances[k]);
        EXPECT_EQ(points[k].is_bend, k == 5);
    }
    const auto one = points_of_curve({{3}, 3}, 20);
    ASSERT_EQ(one.size(), 22u);
    EXPECT_EQ(one.back().share, 0);
    EXPECT_EQ(one.back().distance, 3);
}

TEST(NeighbourDistances, BendWhereTheDensePartEnds) {
    Table table = blobs(2000, 2, 4, .01, 3);
    const Table loose = gaussian(40, 2, 9);
    table.insert(table.end(), loose.begin(), loose.end());
    QuietHost host;
    const double eps = neighbour_distances(table, 2, 4, 5000, 1, host).bend;
    EXPECT_GT(eps, .002);
    EXPECT_LT(eps, .3);
    table.insert(table.end(), 20000, 0.);  // equal rows
    EXPECT_EQ(neighbour_distances(table, 2, 4, 50000, 1, host).bend, eps);
    EXPECT_EQ(neighbour_distances(Table(100, 2.), 2, 4, 50000, 1, host).bend, 0);
}

}  // namespace
}  // namespace personalize::core::dbscan
