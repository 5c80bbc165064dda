#include "core/segments/segment_model.hpp"

#include <gtest/gtest.h>

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

TEST(SegmentModel, AssignsAsItWasTrained) {
    const FeatureTable table = made_table(600);
    QuietHost host;
    for (const auto algorithm : kAlgorithms)
        for (const auto scaling : kScalings) {
            const SegmentTraining training = train_by(algorithm, table, scaling);
            auto model =
                std::make_shared<SegmentModel>(read_segment_model(write_segment_model(training.model)));
            SegmentAssigner assigner(model, host);
            std::vector<std::int64_t> sizes(model->sizes.size());
            std::int64_t noise = 0;
            for (std::size_t r = 0; r < 600; r++) {
                const std::int32_t segment = assigner.assign(&table.values[r * 5]);
                segment < 0 ? noise++ : sizes[segment]++;
            }
            EXPECT_EQ(sizes, model->sizes);
            EXPECT_EQ(noise, model->noise);
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

TEST(SegmentModel, CutsLongCategoriesInWords) {
    SegmentTraining training = train_by(SegmentAlgorithm::kmeans, made_table(300), FeatureScaling::zscore);
    for (SegmentFeature& feature : training.model.features)
        for (std::string& category : feature.categories) category = "x" + std::string(70, '\xC3');
    EXPECT_LT(describe_segment(training.model, 1, 9).size(), 500U);
    std::string named("x");
    for (int k = 0; k < 100; k++) named += "\xC3\xA4";
    for (SegmentFeature& feature : training.model.features)
        for (std::string& category : feature.categories) category = named;
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
