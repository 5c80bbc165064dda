#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "core/evaluation/blend_weights.hpp"
#include "core/model/hybrid_model.hpp"
#include "core/model/hybrid_recommender.hpp"
#include "core/model/knn_model.hpp"
#include "core/model/mf_model.hpp"
#include "core/runtime/error.hpp"
#include "evaluation/planted_taste.hpp"

namespace personalize::core {
namespace {

// Images of a factorization and of a model of neighbours of the same ratings, the second without some users
// and items.
class Trained {
  public:
    Trained(Feedback feedback, std::int64_t items_of_neighbours) : feedback_(feedback) {
        factors_ = train_factors(test::planted_taste({.users = 30, .items = 40}));
        neighbours_ = train_neighbours(test::planted_taste({.users = 24, .items = items_of_neighbours}));
    }

    std::vector<TrainedModel> models() const { return {{"mf", factors_}, {"knn", neighbours_}}; }

  private:
    ModelBytes train_factors(Ratings ratings) {
        MfOptions options;
        options.feedback = feedback_;
        options.factors = 4;
        options.iterations = 3;
        const FeedbackRule rule = encode_ratings(ratings, options);
        return write_servable_image(train_mf(ratings, rule, options, budget_, host_).parts(ratings));
    }
    ModelBytes train_neighbours(Ratings ratings) {
        const KnnOptions options{.feedback = feedback_,
                                 .weighting = Weighting::binary,
                                 .positive_from = {},
                                 .method = knn::Options{.neighbours = 7}};
        const auto rule = fit_and_encode(ratings, feedback_, Weighting::binary, {});
        return write_servable_image(train_knn(ratings, rule, options, budget_, host_).parts(ratings));
    }

    Feedback feedback_;
    MemoryBudget budget_{std::size_t{1} << 30};
    QuietHost host_;
    ModelBytes factors_, neighbours_;
};

// A hybrid by way of its image.
class Hybrid {
  public:
    Hybrid(Feedback feedback, std::vector<float> weights, std::int64_t items_of_neighbours = 36)
        : trained_(feedback, items_of_neighbours) {
        MemoryBudget budget(std::size_t{1} << 30);
        QuietHost host;
        HybridModel model(trained_.models(), budget, host);
        model.set_weights(weights);
        image_ = write_servable_image(model.parts());
        parts_ = open_model_image(image_);
    }
    const ModelParts& parts() const { return parts_; }
    const ModelBytes& image() const { return image_; }

  private:
    Trained trained_;
    ModelBytes image_;
    ModelParts parts_;
};

// The definition of the header, in double.
std::vector<double> z_scores(const Recommender& recommender, const Component& component, const Taste& taste) {
    std::vector<float> scores(component.items.size());
    recommender.all_scores(taste, scores);
    const auto n = static_cast<double>(scores.size());
    const double mean = std::accumulate(scores.begin(), scores.end(), 0.0) / n;
    double squares = 0;
    for (const float score : scores) squares += (score - mean) * (score - mean);
    const double zero = component.parts.kind == ModelKind::factors ? mean : 0;
    std::vector<double> result;
    for (const float score : scores) result.push_back((score - zero) / std::sqrt(squares / n));
    return result;
}

TEST(HybridModel, HasTheUsersAndItemsOfAll) {
    const Hybrid hybrid(Feedback::implicit_feedback, {1, 1});
    const auto components = open_components(hybrid.parts().payload, hybrid.parts().users.size());
    ASSERT_EQ(components.size(), 2u);
    EXPECT_EQ(hybrid.parts().users.size(), 30);
    EXPECT_EQ(hybrid.parts().items.size(), 40);
    for (const Component& component : components) {
        for (std::size_t k = 0; k < component.items.size(); k++)
            EXPECT_EQ(hybrid.parts().items.at(component.items[k]),
                      component.parts.items.at(static_cast<std::int64_t>(k)));
        for (std::size_t u = 0; u < component.users.size(); u++)
            EXPECT_EQ(component.users[u],
                      component.parts.users.find(hybrid.parts().users.at(static_cast<std::int64_t>(u))));
    }
    EXPECT_EQ(components[1].name, "knn");
    EXPECT_EQ(components[1].parts.items.size(), 36);
}

TEST(HybridRecommender, ScoresAreWeightedSumsOfZScores) {
    const Hybrid hybrid(Feedback::implicit_feedback, {.7f, .3f});
    const auto components = open_components(hybrid.parts().payload, hybrid.parts().users.size());
    HybridRecommender recommender(hybrid.parts());
    for (const std::int32_t user : {0, 5, 23, 29}) {
        std::vector<double> expected(40, 0);
        for (const Component& component : components) {
            if (component.users[user] == IdView::kNotFound) continue;
            const auto own = make_recommender(component.parts);
            const auto z = z_scores(*own, component, own->stored_taste(component.users[user]));
            for (std::size_t k = 0; k < z.size(); k++)
                expected[component.items[k]] += component.weight * z[k];
        }
        // A user whom one component alone knows hears that one, by its own weight.
        const Taste taste = recommender.stored_taste(user);
        std::vector<Scored> list;
        recommender.best_items(taste, nullptr, 40, list);
        ASSERT_EQ(list.size(), 40u);
        for (std::size_t k = 0; k < list.size(); k++) {
            EXPECT_NEAR(list[k].score, expected[list[k].index], 1e-4);
            EXPECT_EQ(*recommender.predict(taste, list[k].index), list[k].score);
            EXPECT_TRUE(k == 0 || list[k - 1].score >= list[k].score);
        }
    }
}

TEST(HybridRecommender, ExplicitScoresAreWeightedMeansOfRatings) {
    const Hybrid hybrid(Feedback::explicit_feedback, {1, 3});
    const auto components = open_components(hybrid.parts().payload, hybrid.parts().users.size());
    const HybridRecommender recommender(hybrid.parts());
    const Taste taste = recommender.stored_taste(3);
    const auto mf = make_recommender(components[0].parts), knn = make_recommender(components[1].parts);
    std::vector<float> of_mf(40), of_knn(36), scores(40);
    recommender.all_scores(taste, scores);
    mf->all_scores(mf->stored_taste(components[0].users[3]), of_mf);
    knn->all_scores(knn->stored_taste(components[1].users[3]), of_knn);
    for (std::size_t k = 0; k < of_knn.size(); k++) {
        const std::int32_t item = components[1].items[k];
        EXPECT_NEAR(scores[item], (of_mf[item] + 3 * of_knn[k]) / 4, 1e-5);
    }
    EXPECT_NEAR(scores[39], of_mf[39], 1e-6) << "which the neighbours do not know";
    EXPECT_NEAR(*recommender.predict(Taste(), IdView::kNotFound),
                (components[0].parts.rule.mean + 3 * components[1].parts.rule.mean) / 4, 1e-5);
}

// Where all know all, lists of ratings are made by the index of the factors.
TEST(HybridRecommender, RatingsOfComponentsThatKnowAllItems) {
    const Hybrid hybrid(Feedback::explicit_feedback, {1, 3}, 40);
    const auto components = open_components(hybrid.parts().payload, hybrid.parts().users.size());
    HybridRecommender recommender(hybrid.parts());
    const auto mf = make_recommender(components[0].parts), knn = make_recommender(components[1].parts);
    for (const std::int32_t user : {3, 28}) {
        const std::int32_t of_knn = components[1].users[user];
        const Taste taste = recommender.stored_taste(user),
                    by_mf = mf->stored_taste(components[0].users[user]);
        std::vector<float> first(40), second(40);
        mf->all_scores(by_mf, first);
        if (of_knn != IdView::kNotFound) knn->all_scores(knn->stored_taste(of_knn), second);
        std::vector<Scored> list;
        recommender.best_items(taste, nullptr, 40, list);
        ASSERT_EQ(list.size(), 40u);
        for (const auto& [item, score] : list) {
            EXPECT_NEAR(score,
                        of_knn == IdView::kNotFound ? first[item] : (first[item] + 3 * second[item]) / 4,
                        1e-5);
            EXPECT_EQ(*recommender.predict(taste, item),
                      std::clamp(score, hybrid.parts().rule.lowest, hybrid.parts().rule.highest));
            EXPECT_EQ(recommender.reason(taste, item),
                      of_knn == IdView::kNotFound ? "personal (mf)" : "personal (knn)");
        }
    }
}

TEST(HybridRecommender, AComponentWithoutWeightSpeaksWhereNoOtherCan) {
    const Hybrid hybrid(Feedback::implicit_feedback, {0, 1});
    const HybridRecommender recommender(hybrid.parts());
    const Taste known = recommender.stored_taste(0), cold = recommender.stored_taste(29);
    EXPECT_EQ(recommender.reason(known, 0), "personal (knn)");
    ASSERT_TRUE(cold.personal);
    EXPECT_EQ(recommender.reason(cold, 0), "personal (mf)");
    EXPECT_EQ(recommender.predict(known, 39), std::nullopt);
}

TEST(HybridRecommender, ListsForManyAndAmongCandidatesAreThoseOfOne) {
    constexpr int kBest = 6;
    const Hybrid hybrid(Feedback::implicit_feedback, {.5f, .5f});
    HybridRecommender recommender(hybrid.parts());
    const std::vector<std::int32_t> users{29, 4, 9, 2};
    QuietHost host;
    std::vector<Scored> lists, one, among;
    recommender.best_for_users({users, true, kBest, 3}, host, lists);
    for (std::size_t n = 0; n < users.size(); n++) {
        const Taste taste = recommender.stored_taste(users[n]);
        ItemSet seen;
        seen.reset(40);
        hybrid.parts().seen.for_each(users[n], [&](std::int32_t item) { seen.insert(item); });
        recommender.best_items(taste, &seen, kBest, one);
        std::vector<std::int32_t> candidates;
        for (const Scored& item : one) candidates.push_back(item.index);
        recommender.best_candidates(taste, &seen, candidates, kBest, among);
        for (int k = 0; k < kBest; k++) {
            EXPECT_EQ(lists[n * kBest + static_cast<std::size_t>(k)].index, one[k].index);
            EXPECT_EQ(lists[n * kBest + static_cast<std::size_t>(k)].score, one[k].score);
            EXPECT_EQ(among[k].index, one[k].index);
        }
    }
}

TEST(HybridRecommender, CurrentTasteIsTheStoredOneAndExplanationsAddUp) {
    for (const Feedback feedback : {Feedback::implicit_feedback, Feedback::explicit_feedback}) {
        const Hybrid hybrid(feedback, {.4f, .6f});
        HybridRecommender recommender(hybrid.parts());
        const Ratings ratings = test::planted_taste({.users = 24, .items = 36});
        UserHistory history(hybrid.parts().items);
        const SparseRow row = ratings.by_user.row(7);
        for (std::size_t k = 0; k < row.size(); k++)
            history.add(ratings.items.view().at(row.columns[k]), row.values[k], 0);
        history.finish(OnDuplicate::mean);
        std::vector<float> scores(40);
        recommender.all_scores(recommender.current_taste(history), scores);
        QuietHost host;
        for (const std::int32_t item : {0, 17, 39}) {
            const ItemExplanation why = recommender.explain_current(history, item, host);
            ASSERT_EQ(why.items.size(), why.explanation.contributions.size());
            const double sum = std::accumulate(why.explanation.contributions.begin(),
                                               why.explanation.contributions.end(), why.explanation.baseline);
            EXPECT_NEAR(sum, scores[item], 1e-12) << item;
        }
    }
}

TEST(HybridRecommender, NothingRatedIsNoTaste) {
    const Hybrid hybrid(Feedback::implicit_feedback, {1, 1});
    HybridRecommender recommender(hybrid.parts());
    UserHistory history(hybrid.parts().items);
    history.finish(OnDuplicate::sum);
    EXPECT_FALSE(recommender.current_taste(history).personal);
    QuietHost host;
    EXPECT_TRUE(recommender.explain_current(history, 0, host).items.empty());
}

TEST(HybridComponents, DamageIsFound) {
    const Hybrid hybrid(Feedback::implicit_feedback, {1, 1});
    const auto users = hybrid.parts().users.size(), items = hybrid.parts().items.size();
    const auto payload = hybrid.parts().payload;
    BulkVector<std::byte> copy(payload.begin(), payload.end());
    const auto refused = [&](std::size_t at, std::int64_t value) {
        BulkVector<std::byte> edited = copy;
        std::memcpy(edited.data() + at, &value, sizeof value);
        try {
            check_components(edited, users, items, Feedback::implicit_feedback);
        } catch (const CorruptModel&) {
            return true;
        }
        return false;
    };
    check_components(copy, users, items, Feedback::implicit_feedback);
    EXPECT_THROW(check_components(copy, users, items, Feedback::explicit_feedback), CorruptModel);
    for (const std::int64_t count : {-1, 0, 3, 17}) EXPECT_TRUE(refused(0, count)) << count;
    for (std::size_t field = 0; field < 6; field++)
        for (const std::int64_t value :
             {std::int64_t{-64}, std::int64_t{1} << 62, std::int64_t{3}, std::ssize(copy)})
            if (field != 1) {
                EXPECT_TRUE(refused(64 + 8 * field, value)) << field << ' ' << value;
            }
    EXPECT_TRUE(refused(64 + 48, 0x7FC00000)) << "a weight that is no number";
    const float none = 0;
    BulkVector<std::byte> silent = copy;
    for (const std::size_t component : {0, 1})
        std::memcpy(silent.data() + 64 + 64 * component + 48, &none, sizeof none);
    EXPECT_THROW(check_components(silent, users, items, Feedback::implicit_feedback), CorruptModel);
    std::int64_t moments_at;
    std::memcpy(&moments_at, copy.data() + 64 + 56, 8);
    for (const std::int64_t value : {moments_at + 8, std::int64_t{-64}, std::ssize(copy)})
        EXPECT_TRUE(refused(64 + 56, value)) << value;
    EXPECT_TRUE(refused(static_cast<std::size_t>(moments_at), 0x7FF0000000000000)) << "an infinite mean";
    for (std::size_t size = 0; size < copy.size(); size += 509)
        EXPECT_THROW(check_components(std::span(copy).first(size), users, items, Feedback::implicit_feedback),
                     CorruptModel)
            << size;
    // Items and users lie behind the image of each component.
    std::int64_t items_at, users_at;
    std::memcpy(&items_at, copy.data() + 64 + 32, 8);
    std::memcpy(&users_at, copy.data() + 64 + 40, 8);
    EXPECT_TRUE(refused(static_cast<std::size_t>(items_at), 40));
    EXPECT_TRUE(refused(static_cast<std::size_t>(users_at), 30));
    EXPECT_TRUE(refused(static_cast<std::size_t>(users_at), -2));
}

TEST(WeightGrid, DividesOneInSteps) {
    for (const std::size_t components : {2u, 3u, 5u, 16u}) {
        const auto grid = weight_grid(components);
        EXPECT_LE(grid.size(), 100u);
        for (const auto& weights : grid) {
            EXPECT_EQ(weights.size(), components);
            EXPECT_NEAR(std::accumulate(weights.begin(), weights.end(), 0.f), 1, 1e-6);
        }
        for (std::size_t c = 0; c < components; c++)
            EXPECT_TRUE(std::ranges::any_of(grid, [c](const auto& weights) { return weights[c] == 1; }));
    }
    EXPECT_EQ(weight_grid(2).size(), 11u);
    EXPECT_EQ(weight_grid(3).size(), 66u);
}

// What evaluate() says of the hybrid with each weight; one component does not know a fifth of the users, nor
// a tenth of the items.
TEST(ChooseWeights, TakesTheBestOfWhatEvaluationSays) {
    for (const Feedback feedback : {Feedback::implicit_feedback, Feedback::explicit_feedback}) {
        const bool is_explicit = feedback == Feedback::explicit_feedback;
        const Ratings held = test::planted_taste({.users = 30, .items = 40}, 5);
        const EvaluationOptions options{.k = 5, .threads = 2};
        QuietHost host;
        const Hybrid hybrid(feedback, {1, 1});
        const BlendChoice choice = choose_weights(hybrid.parts(), held, options, host);
        double best = is_explicit ? 1e9 : -1;
        for (const auto& weights : weight_grid(2)) {
            const Hybrid one(feedback, weights);
            const Evaluation evaluation = evaluate(one.parts(), held, options, host);
            const double value = evaluation.find(is_explicit ? "rmse" : "ndcg")->value;
            best = is_explicit ? std::min(best, value) : std::max(best, value);
            if (weights == choice.weights) {
                EXPECT_NEAR(choice.value, value, 1e-6);
            }
            for (std::size_t c = 0; c < 2; c++)
                if (weights[c] == 1) {
                    EXPECT_NEAR(choice.alone[c], value, 1e-6);
                }
        }
        EXPECT_NEAR(choice.value, best, 1e-6);
        const BlendChoice alone = choose_weights(hybrid.parts(), held, {.k = 5, .threads = 1}, host);
        EXPECT_EQ(alone.weights, choice.weights);
        EXPECT_EQ(alone.value, choice.value);
    }
}

TEST(ChooseWeights, NobodyToTestIsAnError) {
    const Hybrid hybrid(Feedback::implicit_feedback, {1, 1});
    MemoryBudget budget(std::size_t{1} << 30);
    RatingsBuilder builder(IdType::integer, IdType::integer, false, budget);
    builder.add(Id::of(-1), Id::of(7), 1);
    QuietHost host;
    const Ratings strangers = builder.finish(OnDuplicate::sum, host);
    EXPECT_THROW(choose_weights(hybrid.parts(), strangers, {}, host), InvalidInput);
}

}  // namespace
}  // namespace personalize::core
