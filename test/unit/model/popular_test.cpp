#include "core/model/popular.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace personalize::core
