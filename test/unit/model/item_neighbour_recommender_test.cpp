#include "core/model/item_neighbour_recommender.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "core/model/knn_model.hpp"
#include "core/runtime/error.hpp"
#include "evaluation/planted_taste.hpp"

namespace personalize::core {
namespace {

constexpr int kItems = 40;

// A model of planted ratings, by way of its image; weights are its own or, `signed_weights`, random of both
// signs.
class Sample {
  public:
    explicit Sample(Feedback feedback, Weighting weighting = Weighting::binary,
                    std::optional<float> positive_from = {})
        : ratings_(test::planted_taste({.users = 30, .items = kItems})) {
        KnnOptions options{.feedback = feedback,
                           .weighting = weighting,
                           .positive_from = positive_from,
                           .method = knn::Options{.neighbours = 7}};
        const auto rule = fit_and_encode(ratings_, feedback, weighting, positive_from);
        MemoryBudget budget(std::size_t{1} << 30);
        QuietHost host;
        model_ = train_knn(ratings_, rule, options, budget, host);
        Random random(3, 0);
        for (float& weight : model_.neighbours.values) weight = static_cast<float>(random.normal());
        image_ = write_model_image(model_.parts(ratings_));
        check_model_image(image_);
        parts_ = open_model_image(image_);
    }

    const ModelParts& parts() const { return parts_; }
    const SparseMatrix& by_user() const { return ratings_.by_user; }
    double weight(std::int32_t from, std::int32_t to) const {
        const SparseRow row = model_.neighbours.row(from);
        for (std::size_t k = 0; k < row.size(); k++)
            if (row.columns[k] == to) return row.values[k];
        return 0;
    }

  private:
    Ratings ratings_;
    KnnModel model_;
    ModelBytes image_;
    ModelParts parts_;
};

// The definitions of the header, in double.
double liking(const Sample& sample, const SparseRow& history, std::int32_t item) {
    double sum = 0;
    for (std::size_t k = 0; k < history.size(); k++)
        sum += static_cast<double>(history.values[k]) * sample.weight(history.columns[k], item);
    return sum;
}

double expectation(const Sample& sample, const SparseRow& history, std::int32_t item) {
    const auto& offsets = sample.parts().item_offsets;
    double user = 0, sum = 0, weights = 0;
    for (std::size_t k = 0; k < history.size(); k++)
        user += static_cast<double>(history.values[k]) - offsets[history.columns[k]];
    user /= 5 + static_cast<double>(history.size());
    for (std::size_t k = 0; k < history.size(); k++) {
        const double weight = sample.weight(history.columns[k], item);
        sum += weight * (history.values[k] - offsets[history.columns[k]] - user);
        weights += std::fabs(weight);
    }
    return sample.parts().rule.mean + user + offsets[item] + sum / (weights + .5);
}

ItemSet set_of(std::span<const std::int32_t> items) {
    ItemSet set;
    set.reset(kItems);
    for (const std::int32_t item : items) set.insert(item);
    return set;
}

void expect_equal(std::span<const Scored> a, std::span<const Scored> b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t k = 0; k < a.size(); k++) {
        EXPECT_EQ(a[k].index, b[k].index);
        EXPECT_EQ(a[k].score, b[k].score);
    }
}

TEST(ItemNeighbourRecommender, StoredTasteIsWhatWasRated) {
    for (const auto& sample : {Sample(Feedback::implicit_feedback), Sample(Feedback::explicit_feedback),
                               Sample(Feedback::implicit_feedback, Weighting::log)}) {
        const ItemNeighbourRecommender recommender(sample.parts());
        for (std::int32_t user = 0; user < sample.parts().users.size(); user++) {
            const SparseRow row = sample.by_user().row(user);
            const Taste taste = recommender.stored_taste(user);
            EXPECT_TRUE(std::ranges::equal(taste.items, row.columns));
            EXPECT_TRUE(std::ranges::equal(taste.values, row.values));
            EXPECT_EQ(taste.personal, row.size() > 0);
        }
    }
}

TEST(ItemNeighbourRecommender, WhoLikedNothingHasNoTaste) {
    const Sample sample(Feedback::implicit_feedback, Weighting::binary, 5.f);
    const ItemNeighbourRecommender recommender(sample.parts());
    for (std::int32_t user = 0; user < sample.parts().users.size(); user++) {
        const auto values = sample.by_user().row(user).values;
        EXPECT_EQ(recommender.has_stored_taste(user),
                  std::ranges::any_of(values, [](float v) { return v > 0; }));
    }
}

TEST(ItemNeighbourRecommender, ImplicitRanksBySumsAndThenByPopularity) {
    const Sample sample(Feedback::implicit_feedback, Weighting::log);
    ItemNeighbourRecommender recommender(sample.parts());
    std::vector<Scored> list;
    for (std::int32_t user = 0; user < sample.parts().users.size(); user++) {
        const SparseRow history = sample.by_user().row(user);
        const ItemSet seen = set_of(history.columns);
        const Taste taste = recommender.stored_taste(user);
        recommender.best_items(taste, &seen, kItems, list);
        const auto personal = std::count_if(list.begin(), list.end(), [&](const Scored& item) {
            return recommender.is_personal(Taste(), item);
        });
        for (std::int64_t k = 0; k < personal; k++) {
            EXPECT_NEAR(list[k].score, liking(sample, history, list[k].index), 1e-5);
            EXPECT_EQ(*recommender.predict(taste, list[k].index), list[k].score);
            EXPECT_TRUE(k == 0 || list[k - 1].score >= list[k].score);
        }
        std::int64_t liked = 0;
        for (std::int32_t item = 0; item < kItems; item++)
            liked += !seen.contains(item) && liking(sample, history, item) > 1e-6;
        EXPECT_EQ(personal, liked);
        for (std::size_t k = static_cast<std::size_t>(personal) + 1; k < list.size(); k++)
            EXPECT_GE(sample.parts().popularity[list[k - 1].index], sample.parts().popularity[list[k].index]);
        for (const Scored& item : list) EXPECT_FALSE(seen.contains(item.index));
    }
}

TEST(ItemNeighbourRecommender, ExplicitExpectsTheWeightedMeanOfDeviations) {
    const Sample sample(Feedback::explicit_feedback);
    ItemNeighbourRecommender recommender(sample.parts());
    std::vector<Scored> list;
    for (std::int32_t user = 0; user < sample.parts().users.size(); user++) {
        const SparseRow history = sample.by_user().row(user);
        const Taste taste = recommender.stored_taste(user);
        recommender.best_items(taste, nullptr, kItems, list);
        ASSERT_EQ(std::ssize(list), kItems);
        for (std::size_t k = 0; k < list.size(); k++) {
            const double expected = expectation(sample, history, list[k].index);
            EXPECT_NEAR(list[k].score, expected, 1e-4);
            EXPECT_EQ(*recommender.predict(taste, list[k].index), std::clamp(list[k].score, 1.f, 5.f));
            EXPECT_TRUE(k == 0 || list[k - 1].score >= list[k].score);
        }
    }
}

TEST(ItemNeighbourRecommender, WhatIsUnknownContributesNothing) {
    const Sample liked(Feedback::implicit_feedback), rated(Feedback::explicit_feedback);
    const ItemNeighbourRecommender of_likes(liked.parts()), of_ratings(rated.parts());
    EXPECT_EQ(of_likes.predict(Taste(), 3), std::nullopt);
    EXPECT_EQ(of_likes.predict(of_likes.stored_taste(0), IdView::kNotFound), std::nullopt);
    const float mean = rated.parts().rule.mean;
    EXPECT_FLOAT_EQ(*of_ratings.predict(Taste(), IdView::kNotFound), mean);
    EXPECT_FLOAT_EQ(*of_ratings.predict(Taste(), 3), mean + rated.parts().item_offsets[3]);
}

TEST(ItemNeighbourRecommender, ListsForManyAndAmongCandidatesAreThoseOfOne) {
    constexpr int kBest = 6;
    const std::vector<std::int32_t> users{4, 9, 2, 29};
    for (const auto& sample : {Sample(Feedback::implicit_feedback), Sample(Feedback::explicit_feedback)})
        for (const bool exclude_seen : {false, true}) {
            ItemNeighbourRecommender recommender(sample.parts());
            QuietHost host;
            std::vector<Scored> lists, one, among;
            recommender.best_for_users({users, exclude_seen, kBest, 3}, host, lists);
            for (std::size_t n = 0; n < users.size(); n++) {
                const Taste taste = recommender.stored_taste(users[n]);
                const ItemSet seen = set_of(taste.items);
                recommender.best_items(taste, exclude_seen ? &seen : nullptr, kBest, one);
                expect_equal(std::span(lists).subspan(n * kBest, kBest), one);
                std::vector<std::int32_t> candidates;
                for (const Scored& item : one)
                    candidates.insert(candidates.begin(), {item.index, item.index});
                recommender.best_candidates(taste, exclude_seen ? &seen : nullptr, candidates, kBest, among);
                ASSERT_EQ(among.size(), one.size());
                for (std::size_t k = 0; k < among.size(); k++) {
                    EXPECT_EQ(among[k].index, one[k].index);
                    EXPECT_EQ(among[k].score, one[k].score);
                }
            }
        }
}

TEST(ItemNeighbourRecommender, SimilarItemsAreTheNeighboursByWeight) {
    const Sample sample(Feedback::implicit_feedback);
    const ItemNeighbourRecommender recommender(sample.parts());
    std::vector<Scored> similar;
    recommender.similar_items(3, 4, similar);
    ASSERT_EQ(similar.size(), 4u);
    std::vector<float> weights;
    for (const float weight : sample.parts().neighbours.row(3).values) weights.push_back(weight);
    std::sort(weights.rbegin(), weights.rend());
    for (std::size_t k = 0; k < 4; k++) {
        EXPECT_EQ(similar[k].score, weights[k]);
        EXPECT_EQ(similar[k].score, static_cast<float>(sample.weight(3, similar[k].index)));
    }
    EXPECT_THROW(recommender.similar_users(Taste(), 0, 4, similar), InvalidInput);
}

}  // namespace
}  // namespace personalize::core
