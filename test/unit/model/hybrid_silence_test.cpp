// Hybrids of models that say nothing of most items, or of all.
#include <gtest/gtest.h>

#include <numeric>

#include "core/evaluation/evaluate.hpp"
#include "core/evaluation/ranked_lists.hpp"
#include "core/model/hybrid_model.hpp"
#include "core/model/hybrid_recommender.hpp"
#include "core/model/knn_model.hpp"
#include "core/model/popular.hpp"

namespace personalize::core {
namespace {

constexpr std::int64_t kUsers = 6, kItems = 9;

// Of two models of the neighbours of items. User u of each has item u and, where the model has two items of
// each user, item u + 1. Two more users, of both, rate items 7 and 8, twice and once, which have no
// neighbours of anybody else. A model of one item of each knows no neighbours at all.
class OfFewRatings {
  public:
    OfFewRatings(std::vector<float> weights, int items_of_first, int items_of_second) {
        const ModelBytes first = train(items_of_first), second = train(items_of_second);
        HybridModel model(std::vector<TrainedModel>{{"first", first}, {"second", second}}, budget_, host_);
        model.set_weights(weights);
        image_ = write_servable_image(model.parts());
        parts_ = open_model_image(image_);
    }
    const ModelParts& parts() const { return parts_; }

  private:
    ModelBytes train(int items_of_each) {
        RatingsBuilder builder(IdType::integer, IdType::integer, false, budget_);
        for (std::int64_t user = 0; user < kUsers; user++)
            for (int k = 0; k < items_of_each; k++) builder.add(Id::of(user), Id::of(user + k), 1);
        for (const std::int64_t user : {100, 101}) builder.add(Id::of(user), Id::of(8), 1);
        builder.add(Id::of(102), Id::of(7), 1);
        Ratings ratings = builder.finish(OnDuplicate::sum, host_);
        const KnnOptions options{.feedback = Feedback::implicit_feedback,
                                 .weighting = Weighting::binary,
                                 .positive_from = 1,
                                 .method = knn::Options{.neighbours = 2}};
        const auto rule = fit_and_encode(ratings, options.feedback, options.weighting, options.positive_from);
        return write_servable_image(train_knn(ratings, rule, options, budget_, host_).parts(ratings));
    }

    MemoryBudget budget_{std::size_t{1} << 30};
    QuietHost host_;
    ModelBytes image_;
    ModelParts parts_;
};

UserHistory history_of(const ModelParts& parts, std::int64_t item) {
    UserHistory history(parts.items);
    history.add(Id::of(item), 1, 0);
    history.finish(OnDuplicate::sum);
    return history;
}

std::vector<std::int64_t> ids(const ModelParts& parts, const std::vector<Scored>& list) {
    std::vector<std::int64_t> result;
    for (const Scored& item : list) result.push_back(parts.items.at(item.index).integer);
    return result;
}

TEST(HybridRecommender, WhatNobodySpeaksOfFollowsByPopularity) {
    for (const std::vector<float>& weights : {std::vector<float>{1, 0}, {.5f, .5f}}) {
        const OfFewRatings hybrid(weights, 2, 2);
        HybridRecommender recommender(hybrid.parts());
        const Taste taste = recommender.current_taste(history_of(hybrid.parts(), 3));
        std::vector<Scored> list, among;
        recommender.best_items(taste, nullptr, kItems, list);
        ASSERT_EQ(list.size(), 9u);
        const std::vector<std::int64_t> expected{2, 4, 1, 3, 5, 8, 0, 6, 7};
        EXPECT_EQ(ids(hybrid.parts(), list), expected) << "their neighbours, then the popular ones";
        for (std::size_t k = 0; k < list.size(); k++) {
            const bool spoken = k < 2;
            EXPECT_EQ(list[k].score > 0, spoken);
            EXPECT_EQ(list[k].score == 0, !spoken);
            EXPECT_EQ(recommender.is_personal(taste, list[k]), spoken);
        }
        const std::vector<std::int32_t> candidates{0, 8, 6, 4, 7, 3, 8};
        recommender.best_candidates(taste, nullptr, candidates, 9, among);
        EXPECT_EQ(ids(hybrid.parts(), among), (std::vector<std::int64_t>{4, 3, 8, 0, 6, 7}));
    }
}

// Of likes and a dislike: what the neighbours speak against is in neither list.
TEST(HybridRecommender, ListsOfOneComponentAreItsOwn) {
    const OfFewRatings hybrid({1, 0}, 2, 2);
    HybridRecommender recommender(hybrid.parts());
    const auto components = open_components(hybrid.parts().payload, hybrid.parts().users.size());
    const auto own = make_recommender(components[0].parts);
    int shorter = 0;
    for (std::int64_t liked = 0; liked < kItems; liked++) {
        UserHistory history(hybrid.parts().items);
        history.add(Id::of(liked), 1, 0);
        history.add(Id::of((liked + 3) % kItems), 0, 0);
        history.finish(OnDuplicate::sum);
        const Taste taste = recommender.current_taste(history);
        if (!taste.personal) continue;
        std::vector<Scored> list, own_list, among;
        recommender.best_items(taste, nullptr, kItems, list);
        own->best_items(own->current_taste(history), nullptr, kItems, own_list);
        EXPECT_EQ(ids(hybrid.parts(), list), ids(components[0].parts, own_list)) << liked;
        shorter += list.size() < 9u;
        std::vector<std::int32_t> all(kItems);
        std::iota(all.begin(), all.end(), 0);
        recommender.best_candidates(taste, nullptr, all, kItems, among);
        EXPECT_EQ(ids(hybrid.parts(), among), ids(hybrid.parts(), list)) << liked;
    }
    EXPECT_GT(shorter, 0);
}

TEST(HybridRecommender, AComponentThatTellsNoItemsApartIsNotHeard) {
    QuietHost host;
    for (const std::vector<float>& weights : {std::vector<float>{1, 0}, {1, 1}}) {
        const OfFewRatings hybrid(weights, 1, 2);
        HybridRecommender recommender(hybrid.parts());
        EXPECT_TRUE(recommender.has_stored_taste(1));
        EXPECT_TRUE(recommender.stored_taste(1).personal);
        const UserHistory history = history_of(hybrid.parts(), 1);
        const Taste taste = recommender.current_taste(history);
        ASSERT_TRUE(taste.personal);
        std::vector<Scored> list;
        recommender.best_items(taste, nullptr, 7, list);
        ASSERT_GT(list.at(0).score, 0);
        EXPECT_EQ(recommender.reason(taste, list[0].index), "personal (second)");
        const ItemExplanation why = recommender.explain_current(history, list[0].index, host);
        ASSERT_EQ(why.items.size(), 1u);
        EXPECT_EQ(why.explanation.baseline, 0);
        EXPECT_NEAR(why.explanation.contributions[0], list[0].score, 1e-6);
    }
}

TEST(HybridRecommender, WhereNoComponentTellsItemsApartThereIsNoTaste) {
    QuietHost host;
    const OfFewRatings hybrid({1, 0}, 1, 1);
    const ModelParts& parts = hybrid.parts();
    HybridRecommender recommender(parts);
    const UserHistory history = history_of(parts, 1);
    EXPECT_FALSE(recommender.current_taste(history).personal);
    EXPECT_FALSE(recommender.stored_taste(1).personal);
    EXPECT_FALSE(recommender.has_stored_taste(1));
    EXPECT_TRUE(recommender.explain_current(history, 0, host).items.empty());
    EXPECT_EQ(recommender.predict(recommender.stored_taste(1), 0), std::nullopt);

    const std::vector<std::int32_t> one{1};
    std::vector<Scored> list;
    recommender.best_for_users({one, true, 5, 1}, host, list);
    ASSERT_EQ(list.size(), 5u);
    EXPECT_EQ(parts.items.at(list[0].index).integer, 8);
    for (const Scored& item : list) EXPECT_EQ(item.score, parts.popularity[item.index]);

    const std::vector<Reader> readers{{1, {0, 2, 7, parts.items.find(Id::of(8))}}};
    const auto among =
        RankedLists::personal(parts, recommender, readers, {.k = 2, .among_candidates = true}, host);
    ASSERT_EQ(among.of(0).size(), 2u);
    EXPECT_EQ(parts.items.at(among.of(0)[0].index).integer, 8);
    EXPECT_EQ(parts.items.at(among.of(0)[1].index).integer, 0);

    MemoryBudget budget(std::size_t{1} << 30);
    RatingsBuilder builder(IdType::integer, IdType::integer, false, budget);
    for (std::int64_t user = 0; user < kUsers; user++) builder.add(Id::of(user), Id::of(8), 1);
    const Ratings test = builder.finish(OnDuplicate::sum, host);
    EXPECT_EQ(evaluate(parts, test, {.k = 1, .threads = 1}, host).find("personal")->value, 0);
    EXPECT_EQ(evaluate(parts, test, {.k = 1, .threads = 1}, host).find("ndcg")->value, 1);
}

}  // namespace
}  // namespace personalize::core
