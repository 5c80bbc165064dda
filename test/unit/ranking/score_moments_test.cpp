#include "core/ranking/score_moments.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

Factors made_factors(std::int64_t rows, int width, double shift, std::uint64_t seed) {
    Factors factors(rows, width);
    for (std::int64_t r = 0; r < rows; r++) {
        Random random(seed, static_cast<std::uint64_t>(r));
        for (int k = 0; k < width; k++) factors.row(r)[k] = static_cast<float>(shift + random.normal());
    }
    return factors;
}

std::span<const float> row_of(const Factors& factors, std::int64_t r) {
    return {factors.view().row(r), static_cast<std::size_t>(factors.width())};
}

std::vector<double> moments_of(const Factors& items) {
    std::vector<double> moments(row_moments_size(items.width()));
    QuietHost host;
    row_moments(items.view(), moments, host);
    return moments;
}

std::vector<double> scores_of(const Factors& items, std::span<const float> user, float offset) {
    std::vector<double> scores;
    for (std::int64_t i = 0; i < items.rows(); i++) {
        scores.push_back(offset);
        for (std::size_t k = 0; k < user.size(); k++)
            scores.back() += static_cast<double>(user[k]) * items.view().row(i)[k];
    }
    return scores;
}

ScoreMoments by_definition(const std::vector<double>& scores) {
    const auto n = static_cast<double>(scores.size());
    const double mean = std::accumulate(scores.begin(), scores.end(), 0.0) / n;
    double squares = 0;
    for (const double score : scores) squares += (score - mean) * (score - mean);
    return {mean, std::sqrt(squares / n)};
}

TEST(ScoreMoments, OfFactorsAsOfTheScores) {
    for (const auto& [items_count, width] : {std::pair{1000, 5}, {1003, 16}, {3, 66}, {2, 1}}) {
        for (const double shift : {0.0, 2.0}) {
            const Factors items = made_factors(items_count, width, shift, 1),
                          users = made_factors(4, width, 0, 2);
            const auto moments = moments_of(items);
            for (std::int64_t u = 0; u < users.rows(); u++) {
                const auto scores = scores_of(items, row_of(users, u), 3.5f);
                const ScoreMoments expected = by_definition(scores),
                                   actual = score_moments(moments, row_of(users, u), 3.5f);
                EXPECT_NEAR(actual.mean, expected.mean, 1e-9);
                EXPECT_NEAR(actual.deviation, expected.deviation, 1e-9 * expected.deviation);
                const std::vector<float> floats(scores.begin(), scores.end());
                EXPECT_NEAR(score_moments(floats).mean, expected.mean, 1e-5);
                EXPECT_NEAR(score_moments(floats).deviation, expected.deviation, 1e-5 * expected.deviation);
            }
        }
    }
}

TEST(ScoreMoments, WhatOnlyRoundingTellsApartIsAlike) {
    Factors items(7, 3);
    for (std::int64_t i = 0; i < 7; i++)
        for (int k = 0; k < 3; k++) items.row(i)[k] = .1f + .3f * static_cast<float>(k);
    const std::vector<float> user{.7f, -1.3f, 1e3f}, nobody(3);
    EXPECT_EQ(score_moments(moments_of(items), user, 1).deviation, 0);
    items.row(4)[0] += .1f;
    EXPECT_EQ(score_moments(moments_of(items), nobody, 1).deviation, 0);
    EXPECT_GT(score_moments(moments_of(items), user, 1).deviation, 0);
    EXPECT_EQ(score_moments(std::vector<float>(100, .1f)).deviation, 0);
    EXPECT_EQ(score_moments(std::vector<float>{1, std::nextafter(1.f, 2.f)}).deviation, 0);
    EXPECT_DOUBLE_EQ(score_moments(std::vector<float>{1, 3}).deviation, 1);
}

TEST(ScoreMoments, NoDeviationThatIsNotFinite) {
    constexpr double kHuge = std::numeric_limits<double>::max();
    const std::vector<double> edited{kHuge, -kHuge, kHuge, kHuge, -kHuge, kHuge};
    EXPECT_EQ(score_moments(edited, std::vector<float>{1e30f, 1e30f}, 0).deviation, 0);
}

}  // namespace
}  // namespace personalize::core
