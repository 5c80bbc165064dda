#include "core/segments/feature_scaling.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/prepare/scaling.hpp"
#include "segments/made_points.hpp"

namespace personalize::core {
namespace {

std::vector<Axis> axes_of(const Table& table, int columns, FeatureScaling scaling, int threads = 1) {
    QuietHost host;
    return make_axes(table, columns, scaling, threads, host);
}

Table column(const Table& table, int columns, int j) {
    Table result;
    for (std::size_t k = static_cast<std::size_t>(j); k < table.size();
         k += static_cast<std::size_t>(columns))
        result.push_back(table[k]);
    return result;
}

void expect_near(const Axis& axis, const Axis& expected) {
    EXPECT_NEAR(axis.centre, expected.centre, 1e-12 * (std::fabs(expected.centre) + 1 / expected.factor));
    EXPECT_NEAR(axis.factor / expected.factor, 1, 1e-10);
}

TEST(FeatureScaling, AsScalingOfEachColumn) {
    Table table = gaussian(3000, 4, 2);
    for (std::size_t k = 0; k < table.size(); k += 4) {
        table[k] = 1e5 + 1e-3 * table[k];
        table[k + 1] = std::exp(4 * table[k + 1]);
        table[k + 2] *= 1e290;
        table[k + 3] = 4;
    }
    QuietHost host;
    for (int j = 0; j < 4; j++) {
        Table values = column(table, 4, j);
        Moments moments;
        for (const double x : values) moments.add(x);
        expect_near(axes_of(table, 4, FeatureScaling::zscore)[j], axis_of(standard_scaling(moments)));
        expect_near(axes_of(table, 4, FeatureScaling::min_max)[j], axis_of(min_max_scaling(moments)));
        expect_near(axes_of(table, 4, FeatureScaling::robust)[j], axis_of(robust_scaling(values, host)));
    }
}

TEST(FeatureScaling, SameForAnyThreadsAndRowOrder) {
    const Table table = gaussian(30000, 3, 2);
    Table reversed;
    for (std::int64_t r = 29999; r >= 0; r--)
        reversed.insert(reversed.end(), table.begin() + r * 3, table.begin() + (r + 1) * 3);
    for (const auto scaling :
         {FeatureScaling::none, FeatureScaling::zscore, FeatureScaling::min_max, FeatureScaling::robust}) {
        const auto expected = axes_of(table, 3, scaling), found = axes_of(reversed, 3, scaling, 3);
        for (int j = 0; j < 3; j++) {
            EXPECT_EQ(found[j].centre, expected[j].centre);
            EXPECT_EQ(found[j].factor, expected[j].factor);
        }
    }
}

TEST(FeatureScaling, NoneKeepsProportions) {
    const auto axes = axes_of({1e300, 5, -1e300, 5, 0, 8}, 2, FeatureScaling::none);
    EXPECT_EQ(axes[0].factor, axes[1].factor);
    EXPECT_DOUBLE_EQ(axes[1].centre, 6);
    EXPECT_LE(1e300 * axes[0].factor, 1);
    EXPECT_GE(1e300 * axes[0].factor, .5);
    EXPECT_EQ(axes_of({3, 3, 3}, 1, FeatureScaling::none)[0].factor, 1);
}

}  // namespace
}  // namespace personalize::core
