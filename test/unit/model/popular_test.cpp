#include "core/model/popular.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "model/sample_model.hpp"

namespace personalize::core {
namespace {

std::vector<std::int32_t> indexes(const std::vector<Scored>& items) {
    std::vector<std::int32_t> result;
    for (const Scored& item : items) result.push_back(item.index);
    return result;
}

class MostPopular : public testing::Test {
  protected:
    const SampleModel model_;
    const ModelParts parts_ = model_.parts();
    const std::vector<std::int32_t> order_{parts_.popular_order.begin(), parts_.popular_order.end()};
};

TEST_F(MostPopular, IsTheBeginningOfThePopularOrder) {
    const auto best = most_popular(parts_, nullptr, 3, nullptr);
    EXPECT_EQ(indexes(best), std::vector(order_.begin(), order_.begin() + 3));
    for (const Scored& item : best) EXPECT_EQ(item.score, parts_.popularity[item.index]);
    EXPECT_EQ(indexes(most_popular(parts_, nullptr, 1'000'000, nullptr)), order_);
    EXPECT_TRUE(most_popular(parts_, nullptr, 0, nullptr).empty());
}

TEST_F(MostPopular, LeavesOutWhatIsExcludedAndKeepsToTheCandidates) {
    ItemSet excluded;
    excluded.reset(parts_.items.size());
    excluded.insert(order_[0]);
    EXPECT_EQ(indexes(most_popular(parts_, &excluded, 2, nullptr)),
              std::vector(order_.begin() + 1, order_.begin() + 3));
    const std::vector<std::int32_t> candidates{order_[4], order_[2], order_[0], order_[2]};
    EXPECT_EQ(indexes(most_popular(parts_, &excluded, 9, &candidates)), (std::vector{order_[2], order_[4]}));
    const std::vector<std::int32_t> none;
    EXPECT_TRUE(most_popular(parts_, nullptr, 9, &none).empty());
}

TEST_F(MostPopular, AmongSomeUsersIsCountedAndOrderedAsByHand) {
    for (const Feedback feedback : {Feedback::implicit_feedback, Feedback::explicit_feedback}) {
        const SampleModel model({.feedback = feedback, .items_type = IdType::integer});
        ModelParts parts = model.parts();
        parts.rule.has_positive_from = feedback == Feedback::implicit_feedback;
        parts.rule.positive_from = 3;
        MemoryBudget budget(std::size_t{1} << 30);
        RatingsBuilder builder(IdType::integer, IdType::integer, false, budget);
        std::vector<float> liked(static_cast<std::size_t>(parts.items.size()));
        Random random(5, 0);
        for (std::int64_t user = 0; user < 40; user++)
            for (std::int64_t item = 0; item < parts.items.size(); item++) {
                if (random.below(4) > 0) continue;
                const auto rating = static_cast<float>(1 + random.below(5));
                builder.add(Id::of(user), parts.items.at(item), rating);
                liked[static_cast<std::size_t>(item)] += !parts.rule.has_positive_from || rating >= 3 ? 1 : 0;
            }
        builder.add(Id::of(1), Id::of(1'000'000), 5);  // the model does not know it
        QuietHost host;
        Ratings ratings = builder.finish(OnDuplicate::sum, host);
        std::vector<std::int32_t> by_hand(parts.popular_order.begin(), parts.popular_order.end());
        std::stable_sort(by_hand.begin(), by_hand.end(),
                         [&](std::int32_t a, std::int32_t b) { return liked[a] > liked[b]; });
        const auto best = most_popular_among(parts, ratings, 1000);
        EXPECT_EQ(indexes(best), by_hand);
        for (const Scored& item : best) EXPECT_EQ(item.score, liked[item.index]);
    }
}

}  // namespace
}  // namespace personalize::core
