#include "core/model/predict.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "core/ranking/top_k.hpp"
#include "model/sample_model.hpp"

namespace personalize::core {
namespace {

double product(const ModelParts& parts, std::int64_t user, std::int64_t item) {
    double sum = 0;
    for (int k = 0; k < parts.item_factors.width; k++)
        sum += static_cast<double>(parts.user_factors.row(user)[k]) * parts.item_factors.row(item)[k];
    return sum;
}

TEST(Predict, ImplicitIsTheScoreOfRankingToTheBit) {
    const SampleModel model;
    const ModelParts parts = model.parts();
    const float* const user = parts.user_factors.row(3);
    std::vector<Scored> ranking;
    top_items(parts.item_factors, user, parts.offset(), nullptr, static_cast<int>(parts.items.size()),
              ranking);
    ASSERT_EQ(std::ssize(ranking), parts.items.size());
    for (const Scored& item : ranking) {
        EXPECT_EQ(predict(parts, user, item.index), item.score);
        EXPECT_NEAR(item.score, product(parts, 3, item.index), 1e-5);
    }
}

TEST(Predict, ImplicitKnowsNothingOfStrangers) {
    const SampleModel model;
    const ModelParts parts = model.parts();
    EXPECT_EQ(predict(parts, nullptr, 0), std::nullopt);
    EXPECT_EQ(predict(parts, parts.user_factors.row(0), IdView::kNotFound), std::nullopt);
}

TEST(Predict, ExplicitAddsWhatIsKnownWithinTheRange) {
    const SampleModel model({.feedback = Feedback::explicit_feedback});
    ModelParts parts = model.parts();
    parts.rule.mean = 3;
    parts.rule.lowest = -100;
    parts.rule.highest = 100;
    const int rank = parts.objective.rank;
    const float* const user = parts.user_factors.row(1);
    EXPECT_NEAR(*predict(parts, user, 2), 3 + product(parts, 1, 2), 1e-5);
    EXPECT_FLOAT_EQ(*predict(parts, user, IdView::kNotFound), 3 + user[rank + 1]);
    EXPECT_FLOAT_EQ(*predict(parts, nullptr, 2), 3 + parts.item_factors.row(2)[rank]);
    EXPECT_FLOAT_EQ(*predict(parts, nullptr, IdView::kNotFound), 3);
    parts.rule.highest = 2;
    EXPECT_FLOAT_EQ(*predict(parts, user, 2), 2);
}

}  // namespace
}  // namespace personalize::core
