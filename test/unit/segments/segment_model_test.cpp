#include "core/segments/segment_model.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "core/runtime/error.hpp"
#include "core/segments/kmeans.hpp"
#include "core/segments/train_segments.hpp"
#include "segments/made_points.hpp"

namespace personalize::core {
namespace {

// Amounts, a flag, a country; in order of rows.
FeatureTable made_table(std::int64_t rows, MissingValues missing = MissingValues::refuse, int absent = 0) {
    static MemoryBudget budget(std::size_t{1} << 30);
    MemoryClaim claim(&budget, "a table");
    QuietHost host;
    Random random(5, 0);
    FeatureTableBuilder builder({{.name = "amount"},
                                 {.name = "member", .type = FeatureType::flag},
                                 {.name = "country", .type = FeatureType::category}},
                                claim);
    for (std::int64_t r = 0; r < rows; r++) {
        const bool rich = random.below(3) == 0;
        if (r < absent) {
            for (int f = 0; f < 3; f++) builder.add_missing();
            continue;
        }
        builder.add_number((rich ? 1000 : 10) + random.normal());
        builder.add_number(rich ? 1 : 0);
        builder.add_text(rich ? "Spain" : random.below(2) ? "France" : "Austria");
    }
    return std::move(builder).finish(missing, host);
}

SegmentTraining train_by(SegmentAlgorithm algorithm, const FeatureTable& table, FeatureScaling scaling) {
    QuietHost host;
    MemoryBudget budget(std::size_t{1} << 30);
    if (algorithm == SegmentAlgorithm::dbscan)
        return train_dbscan_model(table, {.eps = {}, .min_points = 5, .scaling = scaling, .threads = 2},
                                  budget, host);
    KMeansTraining request;
    request.scaling = scaling;
    request.options.k = 2;
    return train_kmeans_model(table, request, budget, host);
}

constexpr SegmentAlgorithm kAlgorithms[] = {SegmentAlgorithm::kmeans, SegmentAlgorithm::dbscan};
constexpr FeatureScaling kScalings[] = {FeatureScaling::none, FeatureScaling::zscore, FeatureScaling::min_max,
                                        FeatureScaling::robust};

TEST(FeatureTable, HasAColumnForEachCategory) {
    const FeatureTable table = made_table(100);
    ASSERT_EQ(columns_of(table.features), 5);
    EXPECT_EQ(table.features[2].categories, (std::vector<std::string>{"Austria", "France", "Spain"}));
    EXPECT_EQ(table.features[2].find("France"), 1);
    EXPECT_EQ(table.features[2].find("Germany"), -1);
    for (std::size_t r = 0; r < 100; r++) {
        const double* const row = &table.values[r * 5];
        EXPECT_EQ(row[1], row[0] > 500);
        EXPECT_EQ(row[2] + row[3] + row[4], 1);
        EXPECT_EQ(row[4], row[0] > 500);
    }
}

TEST(FeatureTable, FillsWhatIsMissing) {
    EXPECT_THROW(made_table(10, MissingValues::refuse, 1), InvalidInput);
    EXPECT_THROW(made_table(10, MissingValues::mean, 10), InvalidInput);
    const FeatureTable zero = made_table(10, MissingValues::zero, 1);
    for (int j = 0; j < 5; j++) EXPECT_EQ(zero.values[j], 0);
    const FeatureTable mean = made_table(10, MissingValues::mean, 1);
    double sum = 0;
    for (int r = 1; r < 10; r++) sum += mean.values[r * 5];
    EXPECT_NEAR(mean.values[0], sum / 9, 1e-9);
    EXPECT_EQ(mean.features[0].fill, mean.values[0]);
}

TEST(FeatureTable, RefusesTooManyCategories) {
    MemoryBudget budget(std::size_t{1} << 30);
    MemoryClaim claim(&budget, "a table");
    FeatureTableBuilder builder({{.name = "id", .type = FeatureType::category}}, claim);
    for (int k = 0; k < kMaxCategories; k++) builder.add_text(std::to_string(k));
    EXPECT_THROW(builder.add_text("more"), InvalidInput);
}

// What the training gave each row, by its parts.
std::vector<std::int32_t> labels_of(const FeatureTable& table, const SegmentModel& model) {
    QuietHost host;
    const int columns = columns_of(table.features);
    std::vector<std::int32_t> labels(static_cast<std::size_t>(table.rows));
    if (model.algorithm == SegmentAlgorithm::dbscan) {
        auto placed = table.values;
        place_rows(placed, model.space.axes, model.scaling, host);
        const auto found = dbscan::train(placed, columns, {model.eps, model.min_points, 1}, host);
        std::copy(found.segment.begin(), found.segment.end(), labels.begin());
        return labels;
    }
    const Points points = make_points(table.values, model.space.axes, 1, host);
    kmeans::Options options;
    options.k = model.segments();
    const auto found = kmeans::train(points, options, host);
    EXPECT_EQ(found.centroids, model.centroids);
    for (std::int64_t r = 0; r < points.rows; r++) labels[points.origin[r]] = found.segment[r];
    return labels;
}

TEST(SegmentModel, AssignsAsItWasTrained) {
    const FeatureTable table = made_table(600);
    QuietHost host;
    for (const auto algorithm : kAlgorithms)
        for (const auto scaling : kScalings) {
            const SegmentTraining training = train_by(algorithm, table, scaling);
            auto model =
                std::make_shared<SegmentModel>(read_segment_model(write_segment_model(training.model)));
            SegmentAssigner assigner(model, host);
            const auto labels = labels_of(table, *model);
            for (std::size_t r = 0; r < 600; r++)
                ASSERT_EQ(assigner.assign(&table.values[r * 5]), labels[r]) << r;
            for (int s = 0; s < model->segments(); s++)
                EXPECT_EQ(std::count(labels.begin(), labels.end(), s), model->sizes[s]);
        }
}

TEST(SegmentModel, SummarizesSegments) {
    const SegmentTraining training =
        train_by(SegmentAlgorithm::kmeans, made_table(3000), FeatureScaling::zscore);
    const SegmentModel& model = training.model;
    ASSERT_EQ(model.segments(), 2);
    EXPECT_NEAR(model.segment_means[0], 10, .2);
    EXPECT_NEAR(model.segment_means[5], 1000, .2);
    EXPECT_EQ(model.segment_means[6], 1);
    EXPECT_NEAR(model.means[0], (10. * model.sizes[0] + 1000. * model.sizes[1]) / 3000, .2);
    EXPECT_GT(*model.quality.silhouette, .7);
    EXPECT_EQ(model.quality.silhouette_points, 3000);
    EXPECT_NEAR(model.stability, 1, 1e-9);
    EXPECT_NE(describe_segment(model, 1, 3).find(" times the average"), std::string::npos);
    EXPECT_NE(describe_segment(model, 1, 3).find("country Spain 100 % (all: 3"), std::string::npos);
    EXPECT_EQ(describe_segment(model, 0, 0), "");
}

TEST(SegmentModel, SharesAndDifferences) {
    SegmentModel model;
    model.rows = 8;
    model.sizes = {5, 2};
    model.means = {10, 3};
    model.deviations = {4, 0};
    model.segment_means = {12, 3, 5, 3};
    EXPECT_EQ(model.share(0), 5. / 8);
    EXPECT_EQ(model.share(1), 2. / 8);
    EXPECT_EQ(model.difference(0, 0), .5);
    EXPECT_EQ(model.difference(1, 0), -1.25);
    EXPECT_EQ(model.difference(1, 1), 0);
}

FeatureTable table_of(const Table& values, int columns) {
    FeatureTable table;
    for (int j = 0; j < columns; j++) table.features.push_back({.name = std::to_string(j)});
    table.rows = std::ssize(values) / columns;
    table.values.assign(values.begin(), values.end());
    return table;
}

// Spreads that no float holds, and interquartile ranges of 0.
TEST(SegmentModel, TrainsOnTinySpreads) {
    QuietHost host;
    Table same(100, 1.), tiny, tiniest;
    same[3] = 1e-20;
    for (int r = 0; r < 100; r++) {
        tiny.push_back((r % 2) * 1e-290);
        tiniest.push_back((r % 2) * 1e-310);
    }
    for (const Table& values : {same, tiny, tiniest})
        for (const auto algorithm : kAlgorithms)
            for (const auto scaling : kScalings) {
                const FeatureTable table = table_of(values, 1);
                const auto model = std::make_shared<SegmentModel>(
                    read_segment_model(write_segment_model(train_by(algorithm, table, scaling).model)));
                SegmentAssigner assigner(model, host);
                const auto labels = labels_of(table, *model);
                for (std::size_t r = 0; r < 100; r++) ASSERT_EQ(assigner.assign(&values[r]), labels[r]);
                EXPECT_TRUE(std::isfinite(model->quality.inertia));
            }
    const auto divided = train_by(SegmentAlgorithm::kmeans, table_of(tiny, 1), FeatureScaling::zscore);
    EXPECT_EQ(divided.model.segments(), 2);
    const auto equal = train_by(SegmentAlgorithm::kmeans, table_of(tiniest, 1), FeatureScaling::robust);
    EXPECT_EQ(equal.model.segments(), 1);
}

// Each row is a segment of its own.
TEST(SegmentModel, OfAsManySegmentsAsRows) {
    QuietHost host;
    MemoryBudget budget(std::size_t{1} << 30);
    Table values(20000);
    std::iota(values.begin(), values.end(), 0.);
    const auto model =
        train_dbscan_model(table_of(values, 1),
                           {.eps = .5, .min_points = 1, .scaling = FeatureScaling::none, .threads = 2},
                           budget, host)
            .model;
    EXPECT_EQ(model.segments(), 20000);
    EXPECT_EQ(model.noise, 0);
    EXPECT_EQ(model.quality.silhouette, 0);
    EXPECT_FALSE(model.quality.davies_bouldin);
    EXPECT_EQ(segment_model_size(model), write_segment_model(model).size());
}

TEST(SegmentModel, CutsLongCategoriesInWords) {
    SegmentTraining training = train_by(SegmentAlgorithm::kmeans, made_table(300), FeatureScaling::zscore);
    for (SegmentFeature& feature : training.model.features)
        for (std::string& category : feature.categories) category = "x" + std::string(70, '\xC3');
    EXPECT_LT(describe_segment(training.model, 1, 9).size(), 500U);
    for (SegmentFeature& feature : training.model.features)
        for (std::string& category : feature.categories) {
            category.assign(1, 'x');
            for (int k = 0; k < 100; k++) category += "\xC3\xA4";
        }
    std::string shown = "country x";
    for (int k = 0; k < 29; k++) shown += "\xC3\xA4";
    EXPECT_NE(describe_segment(training.model, 1, 9).find(shown + "... 100 %"), std::string::npos);
}

TEST(SegmentModel, ChoosesK) {
    KMeansTraining request;
    MemoryBudget budget(std::size_t{1} << 30);
    QuietHost host;
    const auto training = train_kmeans_model(made_table(500), request, budget, host);
    ASSERT_EQ(training.trials.size(), 9u);
    EXPECT_EQ(training.trials[0].k, 2);
}

TEST(SegmentModel, RefusesMemory) {
    MemoryBudget budget(1000);
    QuietHost host;
    EXPECT_THROW(train_kmeans_model(made_table(500), {}, budget, host), MemoryLimitExceeded);
    EXPECT_THROW(train_dbscan_model(made_table(500), {}, budget, host), MemoryLimitExceeded);
}

// Every beginning of the bytes, and every byte changed: an error, or a model that can be used.
TEST(SegmentModel, DamageIsFoundOrHarmless) {
    const FeatureTable table = made_table(60);
    QuietHost host;
    for (const auto algorithm : kAlgorithms) {
        const auto bytes = write_segment_model(train_by(algorithm, table, FeatureScaling::zscore).model);
        for (std::size_t size = 0; size < bytes.size(); size++)
            EXPECT_THROW(read_segment_model(std::span(bytes).first(size)), CorruptModel);
        auto longer = bytes;
        longer.push_back(std::byte{0});
        EXPECT_THROW(read_segment_model(longer), CorruptModel);
        for (std::size_t k = 0; k < bytes.size(); k++) {
            auto changed = bytes;
            changed[k] ^= std::byte{0xFF};
            try {
                SegmentAssigner assigner(std::make_shared<SegmentModel>(read_segment_model(changed)), host);
                assigner.assign(table.values.data());
                describe_segment(assigner.model(), 0, 3);
            } catch (const Error&) {
            }
        }
    }
}

TEST(StabilityIndex, OfShares) {
    const std::vector<double> then{.5, .5}, now{.25, .75}, gone{1, 0};
    EXPECT_EQ(stability_index(then, then), 0);
    EXPECT_NEAR(stability_index(then, now), -.25 * std::log(.5) + .25 * std::log(1.5), 1e-12);
    EXPECT_GT(stability_index(then, gone), 4);
}

TEST(Bins, HoldTheirShare) {
    Bins bins{{1, 2}, {}};
    EXPECT_EQ(bin_of(bins, 1), 0u);
    EXPECT_EQ(bin_of(bins, 1.5), 1u);
    EXPECT_EQ(bin_of(bins, 2.5), 2u);
}

}  // namespace
}  // namespace personalize::core
