#include "core/model/user_neighbour_recommender.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/model/knn_model.hpp"
#include "core/ratings/user_history.hpp"
#include "evaluation/planted_taste.hpp"

namespace personalize::core {
namespace {

using knn::Similarity;

constexpr int kItems = 40, kNeighbours = 7;
const std::vector<Similarity> kAll{Similarity::cosine, Similarity::pearson, Similarity::jaccard,
                                   Similarity::cooccurrence};

// A model of planted ratings, by way of its image.
class Sample {
  public:
    explicit Sample(Feedback feedback, Similarity similarity = Similarity::cosine,
                    Weighting weighting = Weighting::linear, std::optional<float> positive_from = {})
        : ratings_(test::planted_taste({.users = 30, .items = kItems})) {
        KnnOptions options{.feedback = feedback,
                           .weighting = weighting,
                           .positive_from = positive_from,
                           .method = knn::Options{.similarity = similarity, .neighbours = kNeighbours},
                           .of_users = true};
        const auto rule = fit_and_encode(ratings_, feedback, weighting, positive_from);
        MemoryBudget budget(std::size_t{1} << 30);
        QuietHost host;
        const KnnModel model = train_knn(ratings_, rule, options, budget, host);
        image_ = write_model_image(model.parts(ratings_));
        check_model_image(image_);
        parts_ = open_model_image(image_);
    }

    const ModelParts& parts() const { return parts_; }
    const SparseMatrix& by_user() const { return ratings_.by_user; }
    double rating(std::int64_t user, std::int32_t item) const {
        const SparseRow row = by_user().row(user);
        const auto found = std::ranges::lower_bound(row.columns, item);
        return found != row.columns.end() && *found == item ? row.values[found - row.columns.begin()] : 0;
    }
    bool has(std::int64_t user, std::int32_t item) const {
        return std::ranges::binary_search(by_user().row(user).columns, item);
    }
    bool is_explicit() const { return parts_.rule.feedback == Feedback::explicit_feedback; }

  private:
    Ratings ratings_;
    ModelBytes image_;
    ModelParts parts_;
};

// The definitions of the headers, in double, with the neighbours that the taste has.
double offset_of(const Sample& sample, std::int64_t user) {
    const SparseRow row = sample.by_user().row(user);
    double sum = 0;
    for (std::size_t k = 0; k < row.size(); k++)
        sum += static_cast<double>(row.values[k]) - sample.parts().item_offsets[row.columns[k]];
    return sum / (5 + static_cast<double>(row.size()));
}

double score_of(const Sample& sample, const Taste& taste, std::int64_t user, std::int32_t item) {
    double sum = 0, weights = 0;
    for (const Scored& near : taste.neighbours) {
        if (!sample.has(near.index, item)) continue;
        const double base =
            sample.is_explicit() ? sample.parts().item_offsets[item] + offset_of(sample, near.index) : 0;
        sum += near.score * (sample.rating(near.index, item) - base);
        weights += near.score;
    }
    if (!sample.is_explicit()) return sum;
    return sample.parts().rule.mean + offset_of(sample, user) + sample.parts().item_offsets[item] +
           sum / (weights + .5);
}

double cosine(const Sample& sample, std::int64_t a, std::int64_t b) {
    double ab = 0, aa = 0, bb = 0;
    for (std::int32_t i = 0; i < kItems; i++) {
        ab += sample.rating(a, i) * sample.rating(b, i);
        aa += sample.rating(a, i) * sample.rating(a, i);
        bb += sample.rating(b, i) * sample.rating(b, i);
    }
    return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

ItemSet set_of(std::span<const std::int32_t> items) {
    ItemSet set;
    set.reset(kItems);
    for (const std::int32_t item : items) set.insert(item);
    return set;
}

std::vector<Sample> samples() {
    std::vector<Sample> result;
    for (const auto feedback : {Feedback::implicit_feedback, Feedback::explicit_feedback})
        for (const Similarity similarity : kAll) result.emplace_back(feedback, similarity);
    return result;
}

TEST(UserNeighbourRecommender, NeighboursAreTheOthersOfHighestSimilarity) {
    for (const auto feedback : {Feedback::implicit_feedback, Feedback::explicit_feedback}) {
        const Sample sample(feedback);
        const UserNeighbourRecommender recommender(sample.parts());
        for (std::int32_t user = 0; user < 30; user++) {
            std::vector<double> all;
            for (std::int32_t other = 0; other < 30; other++)
                if (const double c = other == user ? 0 : cosine(sample, user, other); c > 1e-6)
                    all.push_back(c);
            std::ranges::sort(all, std::greater<>());
            const Taste taste = recommender.stored_taste(user);
            ASSERT_EQ(taste.neighbours.size(), std::min<std::size_t>(kNeighbours, all.size()));
            for (std::size_t k = 0; k < taste.neighbours.size(); k++) {
                EXPECT_NE(taste.neighbours[k].index, user);
                EXPECT_NEAR(taste.neighbours[k].score, all[k], 1e-5);
            }
            std::vector<Scored> similar;
            recommender.similar_users(taste, user, 3, similar);
            ASSERT_EQ(similar.size(), 3u);
            for (std::size_t k = 0; k < 3; k++) EXPECT_EQ(similar[k].index, taste.neighbours[k].index);
        }
    }
}

TEST(UserNeighbourRecommender, ScoresAreWhatNeighboursSay) {
    for (const Sample& sample : samples()) {
        UserNeighbourRecommender recommender(sample.parts());
        std::vector<Scored> list;
        std::vector<float> all(kItems);
        for (std::int32_t user = 0; user < 30; user++) {
            const Taste taste = recommender.stored_taste(user);
            recommender.best_items(taste, nullptr, kItems, list);
            recommender.all_scores(taste, all);
            ASSERT_EQ(list.size(), sample.is_explicit() ? kItems : list.size());
            for (const Scored& item : list) {
                EXPECT_NEAR(item.score, score_of(sample, taste, user, item.index), 1e-4);
                EXPECT_EQ(item.score, all[item.index]);
                const float predicted = *recommender.predict(taste, item.index);
                EXPECT_EQ(predicted, sample.is_explicit() ? std::clamp(item.score, 1.f, 5.f) : item.score);
            }
        }
    }
}

TEST(UserNeighbourRecommender, PopularItemsFollow) {
    const Sample sample(Feedback::implicit_feedback);
    UserNeighbourRecommender recommender(sample.parts());
    std::vector<Scored> list;
    bool any = false;
    for (std::int32_t user = 0; user < 30; user++) {
        const Taste taste = recommender.stored_taste(user);
        const ItemSet seen = set_of(taste.items);
        recommender.best_items(taste, &seen, kItems, list);
        EXPECT_EQ(list.size(), kItems - taste.items.size());
        for (std::size_t k = 0; k < list.size(); k++) {
            EXPECT_FALSE(seen.contains(list[k].index));
            const bool personal = recommender.is_personal(Taste(), list[k]);
            EXPECT_EQ(personal, score_of(sample, taste, user, list[k].index) > 0);
            any |= !personal;
        }
    }
    EXPECT_TRUE(any);
}

TEST(UserNeighbourRecommender, WhatIsToldNowIsWhatWasStored) {
    for (const Sample& sample : samples()) {
        UserNeighbourRecommender recommender(sample.parts());
        for (std::int32_t user = 0; user < 30; user++) {
            const Taste stored = recommender.stored_taste(user);
            const Taste told = recommender.taste_of({stored.items, stored.values, user});
            ASSERT_EQ(told.neighbours.size(), stored.neighbours.size());
            for (std::size_t k = 0; k < told.neighbours.size(); k++) {
                EXPECT_EQ(told.neighbours[k].index, stored.neighbours[k].index);
                EXPECT_EQ(told.neighbours[k].score, stored.neighbours[k].score);
            }
        }
        const Taste stored = recommender.stored_taste(4);  // told by another, they are a neighbour
        if (!stored.neighbours.empty()) {
            const auto near = recommender.taste(stored.items, stored.values).neighbours;
            EXPECT_TRUE(std::ranges::any_of(near, [](const Scored& user) { return user.index == 4; }));
        }
    }
}

TEST(UserNeighbourRecommender, ContributionsAddUpToTheScore) {
    QuietHost host;
    for (const Sample& sample : samples()) {
        UserNeighbourRecommender recommender(sample.parts());
        std::vector<float> all(kItems);
        for (std::int32_t user = 0; user < 30; user += 3) {
            const Taste taste = recommender.stored_taste(user);
            recommender.all_scores(taste, all);
            for (std::int32_t item = 0; item < kItems; item++) {
                const Explanation why =
                    recommender.explain_told({taste.items, taste.values, user}, item, host);
                ASSERT_EQ(why.contributions.size(), taste.items.size());
                double sum = why.baseline;
                for (const double part : why.contributions) sum += part;
                EXPECT_NEAR(sum, all[item], 1e-4);
            }
        }
    }
}

// With the products that make the similarity, not only in sum.
TEST(UserNeighbourRecommender, ContributionsAreTheItemsPartsOfTheSimilarity) {
    const Sample sample(Feedback::implicit_feedback, Similarity::cosine);
    UserNeighbourRecommender recommender(sample.parts());
    QuietHost host;
    const Taste taste = recommender.stored_taste(2);
    const auto length = [&](std::int64_t user) {
        double square = 0;
        for (const float v : sample.by_user().row(user).values) square += static_cast<double>(v) * v;
        return std::sqrt(square);
    };
    for (std::int32_t item = 0; item < kItems; item++) {
        const Explanation why = recommender.explain_told({taste.items, taste.values, 2}, item, host);
        for (std::size_t k = 0; k < taste.items.size(); k++) {
            double expected = 0;
            for (const Scored& near : taste.neighbours)
                expected += taste.values[k] * sample.rating(near.index, taste.items[k]) /
                            (length(2) * length(near.index)) * sample.rating(near.index, item);
            EXPECT_NEAR(why.contributions[k], expected, 1e-5);
        }
    }
}

TEST(UserNeighbourRecommender, DislikesAreNoCommonTaste) {
    const Sample sample(Feedback::implicit_feedback, Similarity::cooccurrence, Weighting::binary, 3.f);
    UserNeighbourRecommender recommender(sample.parts());
    QuietHost host;
    for (std::int32_t user = 0; user < 30; user++) {
        const Taste taste = recommender.stored_taste(user);
        for (const Scored& near : taste.neighbours) {
            int common = 0;
            for (std::int32_t i = 0; i < kItems; i++)
                common += sample.rating(user, i) > 0 && sample.rating(near.index, i) > 0;
            EXPECT_EQ(near.score, static_cast<float>(common));
        }
        std::vector<float> all(kItems);
        recommender.all_scores(taste, all);
        const Explanation why = recommender.explain_told({taste.items, taste.values, user}, 5, host);
        double sum = 0;
        for (std::size_t k = 0; k < taste.items.size(); k++) {
            sum += why.contributions[k];
            EXPECT_TRUE(taste.values[k] > 0 || why.contributions[k] == 0);
        }
        EXPECT_NEAR(sum, all[5], 1e-4);
    }
}

TEST(UserNeighbourRecommender, ListsForManyAndAmongCandidatesAreThoseOfOne) {
    constexpr int kBest = 6;
    const std::vector<std::int32_t> users{4, 9, 2, 29};
    QuietHost host;
    for (const Sample& sample : samples())
        for (const bool exclude_seen : {false, true}) {
            UserNeighbourRecommender recommender(sample.parts());
            std::vector<Scored> lists, one, among;
            recommender.best_for_users({users, exclude_seen, kBest, 3}, host, lists);
            for (std::size_t n = 0; n < users.size(); n++) {
                const Taste taste = recommender.stored_taste(users[n]);
                const ItemSet seen = set_of(taste.items);
                const ItemSet* excluded = exclude_seen ? &seen : nullptr;
                recommender.best_items(taste, excluded, kBest, one);
                std::vector<std::int32_t> candidates;
                for (const Scored& item : one)
                    candidates.insert(candidates.begin(), {item.index, item.index});
                recommender.best_candidates(taste, excluded, candidates, kBest, among);
                ASSERT_EQ(among.size(), one.size());
                for (std::size_t k = 0; k < one.size(); k++) {
                    EXPECT_EQ(lists[n * kBest + k].index, one[k].index);
                    EXPECT_EQ(lists[n * kBest + k].score, one[k].score);
                    EXPECT_EQ(among[k].index, one[k].index);
                    EXPECT_EQ(among[k].score, one[k].score);
                }
            }
        }
}

TEST(UserNeighbourRecommender, SimilarItemsAreByCosine) {
    for (const auto feedback : {Feedback::implicit_feedback, Feedback::explicit_feedback}) {
        const Sample sample(feedback);
        const UserNeighbourRecommender recommender(sample.parts());
        const auto of_items = [&](std::int32_t a, std::int32_t b) {
            double ab = 0, aa = 0, bb = 0;
            for (std::int64_t u = 0; u < 30; u++) {
                ab += sample.rating(u, a) * sample.rating(u, b);
                aa += sample.rating(u, a) * sample.rating(u, a);
                bb += sample.rating(u, b) * sample.rating(u, b);
            }
            return ab / std::sqrt(aa * bb);
        };
        std::vector<double> all;
        for (std::int32_t other = 0; other < kItems; other++)
            if (other != 3 && of_items(3, other) > 1e-6) all.push_back(of_items(3, other));
        std::ranges::sort(all, std::greater<>());
        std::vector<Scored> similar;
        recommender.similar_items(3, 5, similar);
        ASSERT_EQ(similar.size(), 5u);
        for (std::size_t k = 0; k < 5; k++) {
            EXPECT_NEAR(similar[k].score, all[k], 1e-5);
            EXPECT_NEAR(similar[k].score, of_items(3, similar[k].index), 1e-5);
        }
    }
}

TEST(UserNeighbourRecommender, ItemsAreAlikeByWhoRatedThem) {
    const Sample sample(Feedback::implicit_feedback);
    const UserNeighbourRecommender recommender(sample.parts());
    std::vector<std::set<std::int64_t>> raters(kItems);
    for (std::int64_t user = 0; user < sample.by_user().rows(); user++)
        for (const std::int32_t item : sample.by_user().row(user).columns) raters[item].insert(user);
    for (std::int32_t a = 0; a < kItems; a++)
        for (std::int32_t b = 0; b < kItems; b++) {
            const auto common =
                std::ranges::count_if(raters[a], [&](std::int64_t user) { return raters[b].contains(user); });
            const auto product = static_cast<double>(raters[a].size() * raters[b].size());
            EXPECT_NEAR(recommender.similarity(a, b), static_cast<double>(common) / std::sqrt(product),
                        1e-12);
        }
}

TEST(UserNeighbourRecommender, ItemsWithoutCommonRatersHaveNone) {
    const Sample sample(Feedback::implicit_feedback);
    UserNeighbourRecommender recommender(sample.parts());
    const Taste nobody = recommender.taste({}, {});
    EXPECT_TRUE(nobody.neighbours.empty());
    std::vector<Scored> list;
    recommender.best_items(nobody, nullptr, 5, list);
    ASSERT_EQ(list.size(), 5u);
    for (const Scored& item : list) EXPECT_FALSE(recommender.is_personal(Taste(), item));
}

}  // namespace
}  // namespace personalize::core
