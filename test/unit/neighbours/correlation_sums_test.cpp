#include "core/neighbours/correlation_sums.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "core/neighbours/similarity.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

struct Columns {
    std::vector<double> x, y;
};

// Correlated, with deviations of about `scale` around the means.
Columns made_columns(std::size_t n, double mean_x, double mean_y, double scale) {
    Random random(5, 0);
    Columns columns;
    for (std::size_t k = 0; k < n; k++) {
        const double shared = random.normal();
        columns.x.push_back(mean_x + scale * (shared + random.normal()));
        columns.y.push_back(mean_y - scale * (shared + .5 * random.normal()));
    }
    return columns;
}

// In two passes, in extended precision.
double exact(const Columns& columns) {
    const auto n = static_cast<long double>(columns.x.size());
    long double mean_x = 0, mean_y = 0, xx = 0, yy = 0, xy = 0;
    for (const double x : columns.x) mean_x += x / n;
    for (const double y : columns.y) mean_y += y / n;
    for (std::size_t k = 0; k < columns.x.size(); k++) {
        const long double dx = columns.x[k] - mean_x, dy = columns.y[k] - mean_y;
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    return static_cast<double>(xy / std::sqrt(xx) / std::sqrt(yy));
}

// Of rows [begin, end).
CorrelationSums sums_of(const Columns& columns, std::size_t begin, std::size_t end) {
    CorrelationSums sums;
    for (std::size_t k = begin; k < end; k++) sums.add(columns.x[k], columns.y[k]);
    return sums;
}

CorrelationSums sums_of(const Columns& columns) { return sums_of(columns, 0, columns.x.size()); }

TEST(CorrelationSums, AgreeWithTwoPasses) {
    for (const std::size_t n : {2, 3, 10, 1000}) {
        const Columns columns = made_columns(n, 3, -2, 1);
        EXPECT_NEAR(*sums_of(columns).pearson(), exact(columns), 1e-13) << n;
    }
}

// A sum of squares would have no digit left: 1e9 squared is 1e18, beyond what a double can add 1 to.
TEST(CorrelationSums, LargeMeansDoNotCancel) {
    const Columns columns = made_columns(1000, 1e9, -1e12, 1);
    EXPECT_NEAR(*sums_of(columns).pearson(), exact(columns), 1e-12);
}

TEST(CorrelationSums, HugeAndTinyValues) {
    for (const double scale : {1e-320, 1e-300, 1e-200, 1e200, 1e300, 1e307}) {
        const Columns columns = made_columns(50, 0, 0, scale);
        EXPECT_NEAR(*sums_of(columns).pearson(), exact(columns), scale < 1e-310 ? 1e-3 : 1e-12) << scale;
    }
    CorrelationSums apart;
    for (const auto& [x, y] : {std::pair{1.7e308, 1.}, {-1.7e308, -1.}, {0., 0.}}) apart.add(x, y);
    EXPECT_NEAR(*apart.pearson(), 1, 1e-15);
    CorrelationSums growing;  // each value makes those before it vanish
    for (int e = -300; e <= 300; e += 100) growing.add(std::pow(10., e), std::pow(10., -e));
    EXPECT_LT(*growing.pearson(), 0);
}

TEST(CorrelationSums, PartsCombineAtAnyPlace) {
    for (const double scale : {1e-200, 1., 1e200}) {
        const Columns columns = made_columns(40, 7 * scale, 0, scale);
        for (std::size_t cut = 0; cut <= 40; cut++) {
            CorrelationSums sums = sums_of(columns, 0, cut);
            sums.combine(sums_of(columns, cut, 40));
            EXPECT_EQ(sums.count, 40);
            EXPECT_NEAR(*sums.pearson(), exact(columns), 1e-13);
        }
    }
    // Parts of very different size.
    Columns columns = made_columns(20, 0, 0, 1e-100);
    const Columns large = made_columns(20, 0, 0, 1e100);
    CorrelationSums small_first = sums_of(columns), large_first = sums_of(large);
    small_first.combine(sums_of(large));
    large_first.combine(sums_of(columns));
    columns.x.insert(columns.x.end(), large.x.begin(), large.x.end());
    columns.y.insert(columns.y.end(), large.y.begin(), large.y.end());
    EXPECT_NEAR(*small_first.pearson(), exact(columns), 1e-13);
    EXPECT_NEAR(*large_first.pearson(), exact(columns), 1e-13);
}

TEST(CorrelationSums, NoneWithoutDeviation) {
    EXPECT_FALSE(CorrelationSums{}.pearson());
    CorrelationSums one, constant, zeros;
    one.add(1, 2);
    EXPECT_FALSE(one.pearson());
    for (int k = 0; k < 10; k++) constant.add(.1, k), zeros.add(k, 0);
    EXPECT_FALSE(constant.pearson());
    EXPECT_FALSE(zeros.pearson());
    constant.combine(constant);
    EXPECT_FALSE(constant.pearson());
}

TEST(CorrelationSums, NotFiniteIsNotANumber) {
    const double infinity = std::numeric_limits<double>::infinity();
    for (const double odd : {infinity, -infinity, std::nan("")}) {
        CorrelationSums first, later;
        first.add(odd, 1), first.add(1, 2), first.add(2, 4);
        later.add(1, 1), later.add(2, 2), later.add(3, odd);
        EXPECT_TRUE(std::isnan(first.pearson().value()));
        EXPECT_TRUE(std::isnan(later.pearson().value()));
        CorrelationSums sums;
        sums.add(1, 2), sums.add(3, 5);
        sums.combine(first);
        EXPECT_TRUE(std::isnan(sums.pearson().value()));
    }
}

TEST(CorrelationSums, StaysWithinOne) {
    CorrelationSums sums;
    for (int k = 1; k < 1000; k++) sums.add(k / 3., -k / 7.);
    EXPECT_GE(*sums.pearson(), -1);
    EXPECT_NEAR(*sums.pearson(), -1, 1e-14);
}

}  // namespace
}  // namespace personalize::core
