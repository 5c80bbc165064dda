#include "core/segments/segment_drift.hpp"

#include <gtest/gtest.h>

#include "core/segments/train_segments.hpp"
#include "segments/made_points.hpp"

namespace personalize::core {
namespace {

constexpr int kColumns = 2;
constexpr std::int64_t kRows = 400;

std::shared_ptr<SegmentModel> trained(SegmentAlgorithm algorithm) {
    QuietHost host;
    MemoryBudget budget(std::size_t{1} << 30);
    FeatureTable table;
    table.features = {{.name = "a"}, {.name = "b"}};
    table.rows = kRows;
    const Table values = blobs(kRows, kColumns, 4, .3, 2);
    table.values.assign(values.begin(), values.end());
    KMeansTraining by_kmeans;
    by_kmeans.options.k = 4;
    auto model = algorithm == SegmentAlgorithm::kmeans
                     ? train_kmeans_model(std::move(table), by_kmeans, budget, host).model
                     : train_dbscan_model(std::move(table), {.eps = .3, .min_points = 4}, budget, host).model;
    return std::make_shared<SegmentModel>(std::move(model));
}

double brute_index(const std::vector<double>& then, const std::vector<double>& now) {
    double sum = 0;
    for (std::size_t k = 0; k < then.size(); k++) {
        const double a = then[k] < 1e-4 ? 1e-4 : then[k], b = now[k] < 1e-4 ? 1e-4 : now[k];
        sum += (b - a) * (std::log(b) - std::log(a));
    }
    return sum;
}

// Of the segments, then of noise.
std::vector<double> shares_now(const SegmentModel& model, SegmentAssigner& assigner, const Table& values) {
    std::vector<double> shares(model.sizes.size() + 1);
    const auto rows = static_cast<double>(values.size() / kColumns);
    for (std::size_t r = 0; r * kColumns < values.size(); r++) {
        const int segment = assigner.assign(&values[r * kColumns]);
        (segment < 0 ? shares.back() : shares[segment]) += 1 / rows;
    }
    return shares;
}

void expect_feature(const DriftRow& row, const SegmentModel& model, const Table& values, std::size_t column) {
    const Bins& bins = model.bins[column];
    std::vector<double> now(bins.shares.size());
    double sum = 0;
    const auto rows = static_cast<double>(values.size() / kColumns);
    for (std::size_t k = column; k < values.size(); k += kColumns) {
        std::size_t bin = 0;
        while (bin < bins.edges.size() && values[k] > bins.edges[bin]) bin++;
        now[bin] += 1 / rows;
        sum += values[k];
    }
    EXPECT_EQ(row.kind, "feature");
    EXPECT_EQ(row.name, model.features[column].name);
    EXPECT_EQ(row.then, model.means[column]);
    EXPECT_NEAR(row.now, sum / rows, 1e-12);
    EXPECT_NEAR(row.index, brute_index(bins.shares, now), 1e-9);
}

TEST(SegmentDrift, AsBruteForce) {
    QuietHost host;
    for (const auto algorithm : {SegmentAlgorithm::kmeans, SegmentAlgorithm::dbscan}) {
        const auto model = trained(algorithm);
        SegmentAssigner assigner(model, host);
        Table values = blobs(300, kColumns, 4, .5, 2);
        for (std::size_t k = 0; k < 100; k++) values[k] += 1;
        DriftCounter counter(assigner);
        for (std::size_t k = 0; k < values.size(); k += kColumns) counter.add(&values[k]);
        for (int k = 0; k < 7; k++) counter.add(nullptr);
        const auto rows = counter.finish();
        const bool has_noise = algorithm == SegmentAlgorithm::dbscan;
        const std::size_t segments = model->sizes.size();
        ASSERT_EQ(rows.size(), 3 + segments + has_noise + kColumns);
        EXPECT_EQ(rows[0].then, kRows);
        EXPECT_EQ(rows[0].now, 307);
        EXPECT_EQ(rows[1].now, 7);
        std::vector<double> then;
        for (const std::int64_t size : model->sizes) then.push_back(static_cast<double>(size) / kRows);
        then.push_back(static_cast<double>(model->noise) / kRows);
        const auto now = shares_now(*model, assigner, values);
        EXPECT_NEAR(rows[2].index, brute_index(then, now), 1e-9);
        for (std::size_t s = 0; s < segments + has_noise; s++) {
            const DriftRow& row = rows[3 + s];
            EXPECT_EQ(row.name, s < segments ? std::to_string(s + 1) : "noise");
            EXPECT_DOUBLE_EQ(row.then, then[s]);
            EXPECT_NEAR(row.now, now[s], 1e-12);
            EXPECT_NEAR(row.index, brute_index({then[s]}, {now[s]}), 1e-9);
        }
        for (std::size_t j = 0; j < kColumns; j++)
            expect_feature(rows[3 + segments + has_noise + j], *model, values, j);
    }
}

TEST(SegmentDrift, OfNoRows) {
    QuietHost host;
    SegmentAssigner assigner(trained(SegmentAlgorithm::kmeans), host);
    DriftCounter counter(assigner);
    counter.add(nullptr);
    for (const DriftRow& row : counter.finish()) {
        EXPECT_NE(row.kind, "segments");
        EXPECT_TRUE(std::isnan(row.index));
    }
}

}  // namespace
}  // namespace personalize::core
