#include "core/model/content_recommender.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/model/content_model.hpp"
#include "core/runtime/error.hpp"
#include "evaluation/planted_taste.hpp"

namespace personalize::core {
namespace {

constexpr std::int64_t kItems = 60;  // of which the first 40 can be rated

// Planted ratings, and items with random tags; by way of the image. many: more terms than a profile may have.
class Sample {
  public:
    explicit Sample(bool many = false, std::optional<float> positive_from = {},
                    Weighting weighting = Weighting::binary)
        : ratings_(test::planted_taste({.users = 30, .items = 40})) {
        MemoryBudget budget(std::size_t{1} << 30);
        QuietHost host;
        const auto rule = fit_and_encode(ratings_, Feedback::implicit_feedback, weighting, positive_from);
        ItemFeaturesBuilder builder(IdType::integer, {{"tag", FeatureKind::tags}, {"n", FeatureKind::number}},
                                    budget);
        Random random(3, 0);
        for (std::int64_t item = 1; item <= kItems; item++) {
            builder.add_item(Id::of(7 * item));
            if (item % 10 == 0) continue;  // nothing is known of these
            const std::uint64_t tags = many ? 900 : 12;
            for (int k = 0; k < (many ? 60 : 4); k++)
                builder.add_tag(0, std::to_string(random.below(tags)), .5 + random.uniform());
            builder.add_number(1, random.normal());
        }
        model_ = train_content(ratings_, rule, builder.finish({}, host), 2, budget, host);
        image_ = write_model_image(model_.parts(ratings_));
        check_model_image(image_);
        parts_ = open_model_image(image_);
    }

    const ModelParts& parts() const { return parts_; }
    SparseRow history(std::int32_t user) const { return ratings_.by_user.row(user); }

    // x_i, dense.
    std::vector<double> features(std::int32_t item) const {
        std::vector<double> x(static_cast<std::size_t>(model_.terms.size()));
        const SparseRow row = model_.features.row(item);
        for (std::size_t k = 0; k < row.size(); k++) x[row.columns[k]] = row.values[k];
        return x;
    }
    // p_u without cuts, of length 1.
    std::vector<double> profile(const SparseRow& observations) const {
        std::vector<double> p(static_cast<std::size_t>(model_.terms.size()));
        for (std::size_t k = 0; k < observations.size(); k++) {
            const auto x = features(observations.columns[k]);
            for (std::size_t t = 0; t < p.size(); t++) p[t] += observations.values[k] * x[t];
        }
        double square = 0;
        for (const double weight : p) square += weight * weight;
        for (double& weight : p) weight /= std::sqrt(square);
        return p;
    }

  private:
    Ratings ratings_;
    ContentModel model_;
    ModelBytes image_;
    ModelParts parts_;
};

double dot(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t k = 0; k < a.size(); k++) sum += a[k] * b[k];
    return sum;
}

void expect_equal(std::span<const Scored> a, std::span<const Scored> b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t k = 0; k < a.size(); k++) {
        EXPECT_EQ(a[k].index, b[k].index);
        EXPECT_EQ(a[k].score, b[k].score);
    }
}

TEST(ContentRecommender, ScoresAreCosinesWithTheProfile) {
    for (const Sample& sample : {Sample(), Sample(false, 3.f), Sample(false, {}, Weighting::log)}) {
        ContentRecommender recommender(sample.parts());
        for (std::int32_t user = 0; user < sample.parts().users.size(); user++) {
            const SparseRow history = sample.history(user);
            const auto profile = sample.profile(history);
            const Taste taste = recommender.taste(history.columns, history.values);
            std::vector<float> scores(kItems);
            recommender.all_scores(taste, scores);
            for (std::int32_t item = 0; item < kItems; item++) {
                EXPECT_NEAR(scores[item], dot(profile, sample.features(item)), 1e-5);
                EXPECT_EQ(*recommender.predict(taste, item), scores[item]);
            }
        }
    }
}

TEST(ContentRecommender, ListsHaveWhatIsLikedAndThenWhatIsPopular) {
    const Sample sample;
    ContentRecommender recommender(sample.parts());
    for (std::int32_t user = 0; user < sample.parts().users.size(); user++) {
        const SparseRow history = sample.history(user);
        ItemSet seen;
        seen.reset(kItems);
        for (const std::int32_t item : history.columns) seen.insert(item);
        const Taste taste = recommender.stored_taste(user);
        EXPECT_TRUE(taste.personal && recommender.has_stored_taste(user));
        std::vector<Scored> list, among;
        recommender.best_items(taste, &seen, kItems, list);
        const auto liked = std::count_if(list.begin(), list.end(), [&](const Scored& item) {
            return recommender.is_personal(Taste(), item);
        });
        std::int64_t positive = 0;
        bool unrated = false;
        for (std::int32_t item = 0; item < kItems; item++)
            positive += !seen.contains(item) && *recommender.predict(taste, item) > 0;
        EXPECT_EQ(liked, positive);
        for (std::int64_t k = 0; k < liked; k++) {
            EXPECT_EQ(list[k].score, *recommender.predict(taste, list[k].index));
            EXPECT_TRUE(k == 0 || list[k - 1].score >= list[k].score);
            unrated = unrated || sample.parts().popularity[list[k].index] == 0;
        }
        EXPECT_TRUE(unrated);
        std::vector<std::int32_t> all(kItems);
        for (std::int32_t item = 0; item < kItems; item++) all[item] = kItems - 1 - item;
        recommender.best_candidates(taste, &seen, all, kItems, among);
        expect_equal(list, among);
    }
}

TEST(ContentRecommender, EveryoneIsServedAsOneByOneWhateverTheThreads) {
    for (const bool many : {false, true}) {
        const Sample sample(many);
        ContentRecommender recommender(sample.parts());
        std::vector<std::int32_t> users;
        for (std::int32_t user = 29; user >= 0; user--) users.push_back(user);
        QuietHost host;
        std::vector<Scored> one, two, list;
        recommender.best_for_users({users, true, 7, 1}, host, one);
        recommender.best_for_users({users, true, 7, 3}, host, two);
        expect_equal(one, two);
        for (std::size_t n = 0; n < users.size(); n++) {
            ItemSet seen;
            seen.reset(kItems);
            for (const std::int32_t item : sample.history(users[n]).columns) seen.insert(item);
            recommender.best_items(recommender.stored_taste(users[n]), &seen, 7, list);
            expect_equal(list, std::span(one).subspan(7 * n, list.size()));
        }
    }
}

TEST(ContentRecommender, ProfilesHaveABound) {
    const Sample sample(true);
    ContentRecommender recommender(sample.parts());
    const SparseRow history = sample.history(0);
    const Taste taste = recommender.taste(history.columns, history.values);
    EXPECT_EQ(taste.profile.terms.size(), ContentRecommender::kMostTerms);
    double square = 0;
    for (const float weight : taste.profile.weights) square += static_cast<double>(weight) * weight;
    EXPECT_NEAR(square, 1, 1e-5);
    const auto full = sample.profile(history);
    std::int32_t strongest = 0;
    for (std::int32_t term = 0; term < std::ssize(full); term++)
        if (std::fabs(full[term]) > std::fabs(full[strongest])) strongest = term;
    EXPECT_TRUE(std::ranges::binary_search(taste.profile.terms, strongest));
}

TEST(ContentRecommender, ExplanationsAddUp) {
    QuietHost host;
    for (const Sample& sample : {Sample(), Sample(true), Sample(false, 3.f)}) {
        ContentRecommender recommender(sample.parts());
        for (std::int32_t user = 0; user < 30; user++) {
            const SparseRow history = sample.history(user);
            const Taste taste = recommender.taste(history.columns, history.values);
            for (std::int32_t item = 0; item < kItems; item++) {
                const auto explanation = recommender.explain(history.columns, history.values, item, host);
                double sum = explanation.baseline;
                for (const double contribution : explanation.contributions) sum += contribution;
                EXPECT_NEAR(sum, *recommender.predict(taste, item), 1e-5);
            }
        }
    }
}

TEST(ContentRecommender, TermsOfATasteAreThoseOfTheProfile) {
    for (const Sample& sample : {Sample(), Sample(false, 3.f)}) {
        ContentRecommender recommender(sample.parts());
        for (std::int32_t user = 0; user < 30; user++) {
            const SparseRow history = sample.history(user);
            const auto profile = sample.profile(history);
            const auto terms = recommender.terms_of(recommender.taste(history.columns, history.values));
            ASSERT_EQ(std::ssize(terms), std::ranges::count_if(profile, [](double x) { return x != 0; }));
            for (std::size_t k = 0; k < terms.size(); k++) {
                const auto term = sample.parts().terms.find(Id::text(terms[k].name));
                EXPECT_NEAR(terms[k].weight, profile[term], 1e-5);
                EXPECT_TRUE(k == 0 || std::fabs(terms[k - 1].weight) >= std::fabs(terms[k].weight));
                EXPECT_EQ(terms[k].is_amount, terms[k].name == "n");
                std::int64_t liked = 0, disliked = 0;
                for (std::size_t i = 0; i < history.size(); i++)
                    if (sample.features(history.columns[i])[term] != 0)
                        ++(history.values[i] > 0 ? liked : disliked);
                EXPECT_EQ(terms[k].liked, liked);
                EXPECT_EQ(terms[k].disliked, disliked);
            }
        }
        EXPECT_TRUE(recommender.terms_of(Taste()).empty());
    }
}

TEST(ContentRecommender, SimilarItemsByCosine) {
    const Sample sample;
    const ContentRecommender recommender(sample.parts());
    std::vector<Scored> list;
    for (std::int32_t item = 0; item < kItems; item++) {
        recommender.similar_items(item, kItems, list);
        std::int64_t positive = 0;
        for (std::int32_t other = 0; other < kItems; other++)
            positive += other != item && dot(sample.features(item), sample.features(other)) > 1e-6;
        EXPECT_EQ(std::ssize(list), positive);
        for (std::size_t k = 0; k < list.size(); k++) {
            EXPECT_NE(list[k].index, item);
            EXPECT_NEAR(list[k].score, dot(sample.features(item), sample.features(list[k].index)), 1e-5);
            EXPECT_TRUE(k == 0 || list[k - 1].score >= list[k].score);
        }
    }
    EXPECT_THROW(recommender.similar_users({}, -1, 3, list), InvalidInput);
}

TEST(ContentRecommender, WhoLikesOnlyWhatNothingIsKnownOfHasNoTaste) {
    const Sample sample;
    ContentRecommender recommender(sample.parts());
    const std::vector<std::int32_t> items = {9, 19};
    const std::vector<float> values = {1, 1};
    const Taste taste = recommender.taste(items, values);
    EXPECT_FALSE(taste.personal);
    EXPECT_FALSE(recommender.predict(taste, 1).has_value());
}

}  // namespace
}  // namespace personalize::core
