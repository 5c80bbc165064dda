#include "core/model/factor_recommender.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "model/sample_model.hpp"

namespace personalize::core {
namespace {

class OfFactors : public testing::Test {
  protected:
    SampleModel sample_;
    ModelBytes image_ = write_model_image(sample_.parts());
    ModelParts parts_ = open_model_image(image_);
    FactorRecommender recommender_{parts_};
};

TEST_F(OfFactors, ThereIsATasteUnlessAllFactorsAreZero) {
    Factors users(2, 20);
    users.row(1)[19] = -.5f;
    parts_.user_factors = users.view();
    EXPECT_FALSE(recommender_.has_stored_taste(0));
    EXPECT_FALSE(recommender_.stored_taste(0).personal);
    EXPECT_TRUE(recommender_.has_stored_taste(1));
    EXPECT_EQ(recommender_.stored_taste(1).factor.row(0)[19], -.5f);
}

void expect_equal(std::span<const Scored> a, std::span<const Scored> b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t k = 0; k < a.size(); k++) {
        EXPECT_EQ(a[k].index, b[k].index);
        EXPECT_EQ(a[k].score, b[k].score);
    }
}

// Of users in a row, and of some here and there, with and without what they have seen.
TEST_F(OfFactors, ListsForManyAreThoseOfEach) {
    constexpr int kBest = 6;
    std::vector<std::int32_t> all(static_cast<std::size_t>(parts_.users.size()));
    std::iota(all.begin(), all.end(), 0);
    QuietHost host;
    for (const auto& users : {all, std::vector<std::int32_t>{7, 3, 11}})
        for (const bool exclude_seen : {false, true}) {
            std::vector<Scored> lists, one;
            recommender_.best_for_users({users, exclude_seen, kBest, 2}, host, lists);
            for (std::size_t n = 0; n < users.size(); n++) {
                ItemSet seen;
                seen.reset(parts_.items.size());
                parts_.seen.for_each(users[n], [&](std::int32_t item) { seen.insert(item); });
                recommender_.best_items(recommender_.stored_taste(users[n]), exclude_seen ? &seen : nullptr,
                                        kBest, one);
                expect_equal(std::span(lists).subspan(n * kBest, kBest), one);
                for (const Scored& item : one)
                    EXPECT_EQ(*recommender_.predict(recommender_.stored_taste(users[n]), item.index),
                              item.score);
            }
        }
}

}  // namespace
}  // namespace personalize::core
