#include "core/evaluation/experiment_group.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/runtime/error.hpp"

namespace personalize::core {
namespace {

using Shares = std::vector<double>;

int group(std::int64_t user, const Shares& shares, const char* experiment = "x") {
    return experiment_group(Id::of(user), experiment, shares).value_or(0);
}

std::string message(const Shares& shares) {
    try {
        check_shares(shares);
    } catch (const InvalidInput& error) {
        EXPECT_FALSE(error.hint().empty());
        return error.what();
    }
    return "no error";
}

TEST(ExperimentGroup, NeverChanges) {
    EXPECT_DOUBLE_EQ(experiment_point(Id::of(42), "challenger"), 0.266747282996184);
    EXPECT_DOUBLE_EQ(experiment_point(Id::text(""), ""), 0.7374769826312966);
}

TEST(ExperimentGroup, OneUserHasOnePointInEverySpelling) {
    const std::string bytes("\xA0\xEE\xBC\x99\x9C\x0B\x4E\xF8\xBB\x6D\x6B\xB9\xBD\x38\x0A\x11", 16);
    const double point = experiment_point(Id::uuid(bytes), "x");
    EXPECT_EQ(point, experiment_point(Id::text("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), "x"));
    EXPECT_EQ(point, experiment_point(Id::text("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"), "x"));
    EXPECT_NE(point, experiment_point(Id::text("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12"), "x"));
    EXPECT_EQ(experiment_point(Id::of(-7), "x"), experiment_point(Id::text("-7"), "x"));
    EXPECT_NE(experiment_point(Id::text("ab"), "x"), experiment_point(Id::text("AB"), "x"));
    EXPECT_NE(experiment_point(Id::text("bc"), "a"), experiment_point(Id::text("c"), "ab"));
}

TEST(ExperimentGroup, SharesAreKept) {
    constexpr int kUsers = 100000;
    const Shares shares = {.1, .2, 0, .3};
    std::vector<int> count(5);
    for (int user = 0; user < kUsers; user++) count[group(user, shares)]++;
    const Shares expected = {.4, .1, .2, 0, .3};
    double chi_square = 0;
    for (int k : {0, 1, 2, 4})
        chi_square += std::pow(count[k] - expected[k] * kUsers, 2) / (expected[k] * kUsers);
    EXPECT_LT(chi_square, 16.3);  // 3 degrees of freedom: 99.9 % are below
    EXPECT_EQ(count[3], 0);
}

TEST(ExperimentGroup, ExperimentsAreIndependent) {
    constexpr int kUsers = 100000;
    const Shares shares = {.25, .25, .5};
    double cells[3][3] = {};
    for (int user = 0; user < kUsers; user++)
        cells[group(user, shares, "first") - 1][group(user, shares, "second") - 1]++;
    double chi_square = 0;
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) {
            const double expected = shares[a] * shares[b] * kUsers;
            chi_square += std::pow(cells[a][b] - expected, 2) / expected;
        }
    EXPECT_LT(chi_square, 26.1);  // 8 degrees of freedom: 99.9 % are below
}

TEST(ExperimentGroup, EnlargingAGroupKeepsItsUsers) {
    for (int user = 0; user < 10000; user++) {
        if (group(user, {.1, .9}) == 1) {
            EXPECT_EQ(group(user, {.2, .8}), 1);
        }
        if (group(user, {.2, .2}) != 0) {
            EXPECT_EQ(group(user, {.2, .2}), group(user, {.2, .3, .5})) << "what comes later does not matter";
        }
    }
}

TEST(ExperimentGroup, SharesThatMeanOneLeaveNobodyOutside) {
    const Shares tenths(10, .1);  // add up to a little less than 1
    const Shares with_zero = {.3, .3, .4 - 1e-10, 0};
    for (int user = 0; user < 20000; user++) {
        EXPECT_GE(group(user, tenths), 1);
        EXPECT_LE(group(user, with_zero), 3);
    }
    EXPECT_EQ(group(1, {0, 1, 0}), 2);
    EXPECT_EQ(group(1, {0, 0}), 0);
    EXPECT_EQ(message({.7, .3 + 1e-10}), "no error");
}

TEST(ExperimentGroup, WrongSharesAreRefused) {
    EXPECT_EQ(message({}), "shares are empty");
    EXPECT_EQ(message({.5, -.1}), "share 2 is -0.1");
    EXPECT_EQ(message({std::numeric_limits<double>::quiet_NaN()}), "share 1 is NaN");
    EXPECT_EQ(message({.5, std::numeric_limits<double>::infinity()}), "share 2 is inf");
    EXPECT_EQ(message({.5, .6}), "shares add up to 1.1");
    EXPECT_EQ(message({1, 1}), "shares add up to 2");
    EXPECT_EQ(message({50, 50}), "share 1 is 50");
}

}  // namespace
}  // namespace personalize::core
