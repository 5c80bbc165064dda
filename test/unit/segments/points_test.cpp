#include "core/segments/points.hpp"

#include <gtest/gtest.h>

#include <array>
#include <numeric>

#include "core/runtime/error.hpp"
#include "segments/made_points.hpp"

namespace personalize::core {
namespace {

TEST(Points, HoldTheRowsInAnOrderOfTheirOwn) {
    const Table table = gaussian(5000, 3, 1);
    const Points points = points_of(table, 3, 2);
    ASSERT_EQ(points.rows, 5000);
    std::vector<bool> seen(5000);
    for (std::int64_t r = 0; r < points.rows; r++) {
        const std::int32_t from = points.origin[r];
        EXPECT_FALSE(seen[from]);
        seen[from] = true;
        for (int j = 0; j < 3; j++)
            EXPECT_NEAR(points.row(r)[j], table[from * 3 + j], 1e-7 * std::fabs(table[from * 3 + j]) + 1e-12);
    }
    Table reversed;
    for (std::int64_t r = 4999; r >= 0; r--)
        reversed.insert(reversed.end(), table.begin() + r * 3, table.begin() + (r + 1) * 3);
    EXPECT_EQ(points_of(reversed, 3).values, points.values);
}

TEST(Points, PrefixIsARandomSample) {
    Table table(20000);
    std::iota(table.begin(), table.end(), 0.);
    const Points points = points_of(table, 1);
    const double mean = std::accumulate(points.values.begin(), points.values.begin() + 2000, 0.) / 2000;
    EXPECT_NEAR(mean, 10000, 4 * 20000 / std::sqrt(12. * 2000));
}

// What the exact sums of k-means rest on.
TEST(Points, AreWholeMultiplesOfTheUnit) {
    for (const double scale : {1e-30, 1., 1e14}) {
        Table table = gaussian(3000, 2, 4);
        for (std::size_t k = 0; k < table.size(); k += 2) table[k] *= 1e-9;
        for (double& x : table) x *= scale;
        const Points points = points_of(table, 2);
        double sum = 0;
        for (const float x : points.values) {
            const double units = std::ldexp(x, -points.space.unit_exponent);
            ASSERT_EQ(units, std::nearbyint(units));
            sum += std::fabs(units);
        }
        EXPECT_LT(sum / 2, 0x1p62);
    }
}

TEST(Points, PlaceAgainWhatTheyWereMadeFrom) {
    const Table table = blobs(1000, 4, 3, 1, 2);
    QuietHost host;
    const std::vector<Axis> axes{{1, 2}, {0, 1e-3}, {-5, .1}, {.3, 1}};
    const Points points = make_points(table, axes, 1, host);
    float point[4];
    for (std::int64_t r = 0; r < points.rows; r++) {
        points.space.place(&table[static_cast<std::size_t>(points.origin[r] * 4)], point);
        for (int j = 0; j < 4; j++) ASSERT_EQ(point[j], points.row(r)[j]);
    }
}

// Below the least float all coordinates are zero.
TEST(Points, OfTinyCoordinates) {
    for (const double size : {1e-320, 1e-300, 1e-100, 6e-46, 8e-46, 1e-44, 1e-40}) {
        const Points points = points_of({0, size, -size, 2 * size, size / 3}, 1);
        EXPECT_GE(points.space.unit_exponent, -149);
        for (std::int64_t r = 0; r < 5; r++) {
            const double x = std::array{0., size, -size, 2 * size, size / 3}[points.origin[r]];
            EXPECT_NEAR(points.row(r)[0], x, 0x1p-149) << size;
        }
    }
}

TEST(Points, RefuseWhatHasNoFiniteSquares) {
    const Table table{1, 2, 3, 1e30};
    EXPECT_THROW(points_of(table, 2), InvalidInput);
    try {
        points_of(table, 2);
    } catch (const InvalidInput& e) {
        EXPECT_STREQ(e.what(), "feature 2 is 1e+30 times its scale in a row");
    }
}

}  // namespace
}  // namespace personalize::core
