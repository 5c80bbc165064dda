#include "core/evaluation/rating_errors.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

using Rows = std::vector<std::pair<double, double>>;  // predicted, actual

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kLargest = std::numeric_limits<double>::max();
constexpr double kSmallest = std::numeric_limits<double>::denorm_min();

template <class Sums>
Sums sums_of(const Rows& rows) {
    Sums sums;
    for (const auto& [predicted, actual] : rows) sums.add(predicted, actual);
    return sums;
}

double rmse(const Rows& rows) { return sums_of<SquaredErrors>(rows).mean().value(); }
double mae(const Rows& rows) { return sums_of<AbsoluteErrors>(rows).mean().value(); }

// In long double, whose range holds the square of every double.
long double exact_rmse(const Rows& rows) {
    long double sum = 0;
    for (const auto& [p, a] : rows) {
        const long double error = static_cast<long double>(p) - a;
        sum += error * error;
    }
    return std::sqrt(sum / static_cast<long double>(rows.size()));
}

long double exact_mae(const Rows& rows) {
    long double sum = 0;
    for (const auto& [p, a] : rows) sum += std::fabs(static_cast<long double>(p) - a);
    return sum / static_cast<long double>(rows.size());
}

Rows made_rows(int count, std::uint64_t seed) {
    Random random(seed, 0);
    Rows rows;
    for (int k = 0; k < count; k++)
        rows.emplace_back(3 + random.normal(), 1.0 + static_cast<double>(random.below(5)));
    return rows;
}

TEST(RatingErrors, AgreeWithLongDouble) {
    for (const int count : {1, 2, 10, 10000}) {
        const Rows rows = made_rows(count, 1);
        EXPECT_NEAR(rmse(rows) / static_cast<double>(exact_rmse(rows)), 1, 1e-12);
        EXPECT_NEAR(mae(rows) / static_cast<double>(exact_mae(rows)), 1, 1e-12);
    }
}

// By hand: errors 1, -1, 2, 0.
TEST(RatingErrors, WorkedExample) {
    const Rows rows{{4, 3}, {2, 3}, {5, 3}, {1, 1}};
    EXPECT_EQ(rmse(rows), std::sqrt(1.5));
    EXPECT_EQ(mae(rows), 1);
}

TEST(RatingErrors, NoRowsAndNoErrors) {
    EXPECT_FALSE(SquaredErrors{}.mean());
    EXPECT_FALSE(AbsoluteErrors{}.mean());
    EXPECT_EQ(rmse({{3, 3}, {0, -0.0}}), 0);
    EXPECT_EQ(mae({{3, 3}, {0, -0.0}}), 0);
}

// Whole numbers: no order and no division into parts changes a bit.
TEST(RatingErrors, ScalingRoundsNothing) {
    Random random(3, 0);
    Rows rows;
    double squares = 0;
    for (int k = 0; k < 1000; k++) {
        const auto error = static_cast<double>(random.below(1000000)) - 500000;
        rows.emplace_back(error, 0);
        squares += error * error;
    }
    EXPECT_EQ(rmse(rows), std::sqrt(squares / 1000));
    EXPECT_EQ(rmse(Rows(rows.rbegin(), rows.rend())), std::sqrt(squares / 1000));
    for (const int cut : {0, 1, 500, 999, 1000}) {
        auto first = sums_of<SquaredErrors>({rows.begin(), rows.begin() + cut});
        first.combine(sums_of<SquaredErrors>({rows.begin() + cut, rows.end()}));
        EXPECT_EQ(first.mean(), std::sqrt(squares / 1000)) << cut;
    }
}

TEST(RatingErrors, HugeAndTinyErrors) {
    for (const double size : {1e-320, 1e-300, 1e-160, 1e160, 1e300, kLargest / 2}) {
        for (const Rows& rows : {Rows{{size, 0}, {0, size}, {-size, size / 2}}, Rows{{size, 0}, {1, 0}},
                                 Rows{{1, 0}, {size, 0}}, Rows{{size, -size}, {0, 0}, {size, size}}}) {
            EXPECT_NEAR(rmse(rows) / static_cast<double>(exact_rmse(rows)), 1, size < 1e-310 ? 1e-3 : 1e-14)
                << size;
            EXPECT_NEAR(mae(rows) / static_cast<double>(exact_mae(rows)), 1, size < 1e-310 ? 1e-3 : 1e-14)
                << size;
        }
    }
    EXPECT_EQ(rmse({{kSmallest, 0}}), kSmallest);
    EXPECT_EQ(mae({{0, kSmallest}}), kSmallest);
}

// An error can be twice the largest double while the mean is still one.
TEST(RatingErrors, ErrorsPastTheLargestDouble) {
    EXPECT_EQ(rmse({{kLargest, -kLargest}, {1, 1}, {1, 1}, {1, 1}}), kLargest);
    EXPECT_EQ(mae({{-kLargest, kLargest}, {1, 1}}), kLargest);
    EXPECT_NEAR(rmse({{kLargest, 0}, {kLargest, 0}, {0, kLargest / 2}}) / kLargest, std::sqrt(.75), 1e-15);
    EXPECT_NEAR(mae({{kLargest, 0}, {kLargest, 0}, {0, kLargest / 4}}) / kLargest, .75, 1e-15);
    EXPECT_EQ(rmse({{kLargest, -kLargest}}), kInfinity);
}

TEST(RatingErrors, InfiniteAndNotANumber) {
    for (const Rows& around : {Rows{}, Rows{{1, 2}}, Rows{{1e300, 0}}, Rows{{0, 1e-300}}, Rows{{2, 2}}}) {
        for (const bool first : {true, false}) {
            const auto with = [&](double predicted, double actual) {
                Rows rows = around;
                rows.insert(first ? rows.begin() : rows.end(), {predicted, actual});
                return rows;
            };
            for (const auto& [p, a] : Rows{{kNan, 1}, {1, kNan}, {kInfinity, kInfinity}}) {
                EXPECT_TRUE(std::isnan(rmse(with(p, a))));
                EXPECT_TRUE(std::isnan(mae(with(p, a))));
            }
            EXPECT_EQ(rmse(with(kInfinity, 1)), kInfinity);
            EXPECT_EQ(mae(with(1, -kInfinity)), kInfinity);
            EXPECT_EQ(rmse(with(-kInfinity, kInfinity)), kInfinity);
        }
    }
    EXPECT_TRUE(std::isnan(rmse({{kInfinity, 1}, {kNan, 1}})));
    EXPECT_TRUE(std::isnan(rmse({{kNan, 1}, {kInfinity, 1}})));
}

// Every pair of parts: of ordinary, huge, tiny, infinite, NaN and no rows.
TEST(RatingErrors, PartsCombine) {
    const std::vector<Rows> parts{{},
                                  made_rows(50, 1),
                                  {{1e300, -1e300}, {1, 0}},
                                  {{1e-300, 0}, {2e-300, 0}},
                                  {{1, 1}},
                                  {{kInfinity, 0}},
                                  {{kNan, 0}},
                                  {{kSmallest, 0}},
                                  made_rows(7, 2)};
    for (const Rows& a : parts) {
        for (const Rows& b : parts) {
            Rows both = a;
            both.insert(both.end(), b.begin(), b.end());
            auto squared = sums_of<SquaredErrors>(a);
            squared.combine(sums_of<SquaredErrors>(b));
            auto absolute = sums_of<AbsoluteErrors>(a);
            absolute.combine(sums_of<AbsoluteErrors>(b));
            EXPECT_EQ(squared.mean().has_value(), !both.empty());
            if (both.empty()) continue;
            const auto expect_same = [](double combined, double at_once) {
                if (std::isnan(at_once))
                    EXPECT_TRUE(std::isnan(combined));
                else if (std::isinf(at_once) || at_once == 0)
                    EXPECT_EQ(combined, at_once);
                else
                    EXPECT_NEAR(combined / at_once, 1, 1e-14);
            };
            expect_same(*squared.mean(), rmse(both));
            expect_same(*absolute.mean(), mae(both));
        }
    }
}

}  // namespace
}  // namespace personalize::core
