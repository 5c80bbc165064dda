#include "core/content/attribute_factors.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <set>

#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

constexpr std::int64_t kItems = 300, kTerms = 12;
constexpr int kColumns = 11;  // more than are solved together

// Items with three terms each, factors that follow from them but for noise, every sixth item without weight.
struct Sample {
    explicit Sample(double noise) : factors(kItems, kColumns), truth(kTerms + 1, kColumns) {
        Random random(2, 0);
        for (std::int64_t t = 0; t <= kTerms; t++)
            for (int c = 0; c < kColumns; c++) truth(t, c) = random.normal();
        features.columns_count = kTerms;
        for (std::int64_t item = 0; item < kItems; item++) {
            const auto first = static_cast<std::int32_t>(random.below(4));
            for (std::int32_t k = 0; k < 3; k++) {
                features.columns.push_back(first + 4 * k);
                features.values.push_back(static_cast<float>(.3 + random.uniform()));
            }
            features.start.push_back(std::ssize(features.columns));
            weights.push_back(item % 6 == 0 ? 0 : static_cast<float>(1 + random.below(50)));
            for (int c = 0; c < kColumns; c++)
                factors.row(item)[c] = static_cast<float>(expected(item, c) + noise * random.normal());
        }
    }
    double expected(std::int64_t item, int c) const {
        double sum = truth(kTerms, c);
        const SparseRow row = features.row(item);
        for (std::size_t k = 0; k < row.size(); k++) sum += row.values[k] * truth(row.columns[k], c);
        return sum;
    }

    SparseMatrix features;
    std::vector<float> weights;
    Factors factors;
    Eigen::MatrixXd truth;
};

// What the regression on the items for which is_used(item) expects of all, by the normal equations.
template <class IsUsed>
Eigen::MatrixXd predictions(const Sample& sample, double ridge, IsUsed is_used) {
    Eigen::MatrixXd f = Eigen::MatrixXd::Zero(kItems, kTerms + 1), y(kItems, kColumns);
    Eigen::VectorXd w(kItems);
    for (std::int64_t item = 0; item < kItems; item++) {
        const SparseRow row = sample.features.row(item);
        for (std::size_t k = 0; k < row.size(); k++) f(item, row.columns[k]) = row.values[k];
        f(item, kTerms) = 1;
        w(item) = is_used(item) ? sample.weights[static_cast<std::size_t>(item)] : 0;
        for (int c = 0; c < kColumns; c++) y(item, c) = sample.factors.row(item)[c];
    }
    Eigen::VectorXd diagonal = Eigen::VectorXd::Constant(kTerms + 1, ridge);
    diagonal(kTerms) = 0;
    Eigen::MatrixXd gram = f.transpose() * w.asDiagonal() * f;
    gram.diagonal() += diagonal;
    return f * gram.ldlt().solve(f.transpose() * w.asDiagonal() * y);
}

// Of the ridges that are tried, the one with the least error on the fifth of the items that is held out, in
// the columns that are solved together.
double best_ridge(const Sample& sample, double mean_weight) {
    const auto is_held_out = [](std::int64_t item) {
        return mix64(static_cast<std::uint64_t>(item)) % 5 == 0;
    };
    double best = 0, least = std::numeric_limits<double>::infinity();
    for (const double ridge : {1e-2, 1e-1, 1e0, 1e1, 1e2, 1e3}) {
        const Eigen::MatrixXd expected =
            predictions(sample, ridge * mean_weight, [&](std::int64_t item) { return !is_held_out(item); });
        double error = 0;
        for (std::int64_t item = 0; item < kItems; item++)
            for (int c = 0; c < 8 && is_held_out(item); c++)
                error += sample.weights[static_cast<std::size_t>(item)] *
                         std::pow(expected(item, c) - sample.factors.row(item)[c], 2);
        if (error < least) {
            least = error;
            best = ridge * mean_weight;
        }
    }
    return best;
}

TEST(AttributeFactors, AreTheRidgeRegressionThatIsBestOnAFifth) {
    std::set<double> chosen;
    for (const double noise : {.1, 3., 30.}) {
        Sample sample(noise), trained(noise);
        QuietHost host;
        double mean = 0, known = 0;
        for (const float weight : sample.weights) {
            mean += weight;
            known += weight > 0;
        }
        mean /= known;
        extend_by_attributes(sample.features, sample.weights, kColumns, 2, host, sample.factors);
        const double ridge = best_ridge(trained, mean);
        chosen.insert(ridge);
        const Eigen::MatrixXd exact = predictions(trained, ridge, [](std::int64_t) { return true; });
        for (std::int64_t item = 0; item < kItems; item++)
            for (int c = 0; c < kColumns; c++)
                if (sample.weights[static_cast<std::size_t>(item)] == 0)
                    EXPECT_NEAR(sample.factors.row(item)[c], exact(item, c), 2e-3) << noise;
                else
                    EXPECT_EQ(sample.factors.row(item)[c], trained.factors.row(item)[c]);
    }
    EXPECT_GE(chosen.size(), 2u);
}

TEST(AttributeFactors, NewItemsAreNearWhatTheirTermsSay) {
    Sample sample(.1);
    QuietHost host;
    extend_by_attributes(sample.features, sample.weights, kColumns, 1, host, sample.factors);
    for (std::int64_t item = 0; item < kItems; item += 6)
        for (int c = 0; c < kColumns; c++)
            EXPECT_NEAR(sample.factors.row(item)[c], sample.expected(item, c), .2);
}

TEST(AttributeFactors, DoNotDependOnThreads) {
    Sample one(1), three(1);
    QuietHost host;
    extend_by_attributes(one.features, one.weights, kColumns, 1, host, one.factors);
    extend_by_attributes(three.features, three.weights, kColumns, 3, host, three.factors);
    for (std::int64_t item = 0; item < kItems; item++)
        for (int c = 0; c < kColumns; c++) EXPECT_EQ(one.factors.row(item)[c], three.factors.row(item)[c]);
}

}  // namespace
}  // namespace personalize::core
