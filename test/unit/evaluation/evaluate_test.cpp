#include "core/evaluation/evaluate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "../model/sample_model.hpp"
#include "core/evaluation/fold_means.hpp"
#include "core/model/popular.hpp"
#include "core/model/predict.hpp"
#include "core/ranking/top_k.hpp"
#include "core/runtime/error.hpp"

namespace personalize::core {
namespace {

// Test ratings of a model's users and items, some of them seen, and of some that it does not know.
Ratings test_ratings(const ModelParts& model, double density = .3) {
    MemoryBudget budget(std::size_t{1} << 30);
    RatingsBuilder builder(IdType::integer, IdType::text, false, budget);
    Random random(9, 9);
    for (std::int64_t u = 0; u < model.users.size(); u++) {
        for (std::int64_t i = 0; i < model.items.size(); i++)
            if (random.uniform() < density)
                builder.add(model.users.at(u), model.items.at(i), static_cast<float>(1 + random.below(5)));
        if (u % 3 == 0) builder.add(model.users.at(u), Id::text("new item " + std::to_string(u % 2)), 4);
    }
    for (int k = 0; k < 4; k++) builder.add(Id::of(1000000 + k), model.items.at(k * 2), 5);
    QuietHost host;
    return builder.finish(OnDuplicate::mean, host);
}

// All of it again, one user at a time and from the definitions.
class Oracle {
  public:
    Oracle(const ModelParts& model, const Ratings& test, const EvaluationOptions& options)
        : model_(model), options_(options) {
        for (std::int64_t u = 0; u < test.users.size(); u++) add_user(test, u);
    }

    std::map<std::string, double> model_figures() const { return figures(lists_); }
    std::map<std::string, double> popular_figures() const { return figures(popular_lists_); }
    double rmse() const { return std::sqrt(square_error_ / static_cast<double>(errors_)); }
    std::int64_t overlap = 0;

  private:
    using List = std::vector<std::int32_t>;
    struct Case {
        std::set<std::int32_t> relevant;
        int unknown = 0;
        double count() const { return static_cast<double>(relevant.size()) + unknown; }
    };

    bool seen(std::int32_t user, std::int32_t item) const {
        const std::vector<std::int32_t> items = model_.seen.of(user);
        return std::find(items.begin(), items.end(), item) != items.end();
    }

    void add_user(const Ratings& test, std::int64_t u) {
        const std::int32_t user = model_.users.find(test.users.view().at(u));
        const bool known = user >= 0;
        Case now;
        const SparseRow row = test.by_user.row(u);
        for (std::size_t k = 0; k < row.size(); k++) {
            const std::int32_t item = model_.items.find(test.items.view().at(row.columns[k]));
            const bool was_seen = known && item >= 0 && seen(user, item);
            overlap += was_seen;
            if ((!known || item < 0) && !options_.score_cold) continue;
            if (was_seen && options_.exclude_seen) continue;
            const float* factor = known ? model_.user_factors.row(user) : nullptr;
            if (model_.objective.has_biases()) {
                const double error = *predict(model_, factor, item) - static_cast<double>(row.values[k]);
                square_error_ += error * error;
                errors_++;
            }
            if (options_.relevant_from && row.values[k] < *options_.relevant_from) continue;
            if (item < 0)
                now.unknown++;
            else
                now.relevant.insert(item);
        }
        if (now.count() == 0 || (!known && !options_.score_cold)) return;
        cases_.push_back(now);
        lists_.push_back(list(user, true));
        popular_lists_.push_back(list(user, false));
    }

    List list(std::int32_t user, bool personal) const {
        std::vector<std::pair<float, std::int32_t>> order;
        for (std::int32_t i = 0; i < model_.items.size(); i++) {
            if (user >= 0 && options_.exclude_seen && seen(user, i)) continue;
            const float value =
                personal && user >= 0
                    ? score(model_.item_factors, model_.user_factors.row(user), model_.offset(), i)
                    : model_.popularity[i];
            order.emplace_back(-value, i);
        }
        std::sort(order.begin(), order.end());
        List result;
        for (int k = 0; k < std::min<int>(options_.k, static_cast<int>(order.size())); k++)
            result.push_back(order[k].second);
        return result;
    }

    double cosine(std::int32_t a, std::int32_t b) const {
        double ab = 0, aa = 0, bb = 0;
        for (int j = 0; j < model_.objective.rank; j++) {
            const double x = model_.item_factors.row(a)[j], y = model_.item_factors.row(b)[j];
            ab += x * y, aa += x * x, bb += y * y;
        }
        return ab / std::sqrt(aa * bb);
    }

    std::map<std::string, double> figures(const std::vector<List>& lists) const {
        std::map<std::string, double> sum;
        std::map<std::int32_t, double> exposure;
        double exposures = 0;
        const auto users = static_cast<double>(lists.size());
        for (std::size_t u = 0; u < lists.size(); u++) {
            const List& items = lists[u];
            double hits = 0, gain = 0, ideal = 0, precisions = 0, first = 0, novelty = 0, distance = 0,
                   pairs = 0;
            for (std::size_t r = 0; r < items.size(); r++) {
                exposure[items[r]]++;
                exposures++;
                novelty -= std::log2(std::max(1.f, model_.popularity[items[r]]) /
                                     static_cast<double>(model_.users.size()));
                for (std::size_t s = 0; s < r; s++) distance += 1 - cosine(items[r], items[s]), pairs++;
                if (!cases_[u].relevant.contains(items[r])) continue;
                hits++;
                gain += 1 / std::log2(static_cast<double>(r) + 2);
                precisions += hits / (static_cast<double>(r) + 1);
                if (first == 0) first = 1 / (static_cast<double>(r) + 1);
            }
            const double count = cases_[u].count(), capped = std::min<double>(options_.k, count);
            for (int r = 0; r < capped; r++) ideal += 1 / std::log2(r + 2.0);
            const double precision = hits / options_.k, recall = hits / count;
            sum["precision"] += precision / users;
            sum["recall"] += recall / users;
            sum["recall_capped"] += hits / capped / users;
            sum["f1"] += (hits > 0 ? 2 * precision * recall / (precision + recall) : 0) / users;
            sum["ndcg"] += gain / ideal / users;
            sum["map"] += precisions / capped / users;
            sum["mrr"] += first / users;
            sum["hit_rate"] += (hits > 0) / users;
            sum["novelty"] += novelty / static_cast<double>(items.size()) / users;
            sum["diversity"] += distance / pairs / users;
        }
        const auto n = static_cast<double>(model_.items.size());
        sum["coverage"] = static_cast<double>(exposure.size()) / n;
        double differences = 0;  // Gini: mean absolute difference over twice the mean
        for (int a = 0; a < n; a++)
            for (int b = 0; b < n; b++) {
                const auto of = [&](int i) { return exposure.contains(i) ? exposure.at(i) : 0.0; };
                differences += std::fabs(of(a) - of(b));
            }
        sum["gini"] = differences / (2 * n * exposures);
        return sum;
    }

    const ModelParts& model_;
    const EvaluationOptions& options_;
    std::vector<Case> cases_;
    std::vector<List> lists_, popular_lists_;
    double square_error_ = 0;
    std::int64_t errors_ = 0;
};

Evaluation evaluated(const ModelParts& model, const Ratings& test, const EvaluationOptions& options) {
    QuietHost host;
    return evaluate(model, test, options, host);
}

void expect_as_oracle(const SampleShape& shape, const EvaluationOptions& options) {
    const SampleModel sample(shape);
    const ModelParts model = sample.parts();
    const Ratings test = test_ratings(model);
    const Evaluation evaluation = evaluated(model, test, options);
    const Oracle oracle(model, test, options);
    EXPECT_EQ(evaluation.overlap, oracle.overlap);
    const auto wanted = oracle.model_figures(), popular = oracle.popular_figures();
    for (const auto& [name, value] : wanted) {
        const Measure* measure = evaluation.find(name.c_str());
        ASSERT_NE(measure, nullptr) << name;
        if (std::isnan(value)) {
            EXPECT_TRUE(std::isnan(measure->value)) << name;  // diversity of one
            continue;
        }
        EXPECT_NEAR(measure->value, value, 1e-9) << name;
        EXPECT_NEAR(measure->popularity, popular.at(name), 1e-9) << name;
    }
    if (shape.feedback == Feedback::explicit_feedback)
        EXPECT_NEAR(evaluation.find("rmse")->value, oracle.rmse(), 1e-9);
    else
        EXPECT_EQ(evaluation.find("rmse"), nullptr);
}

TEST(Evaluate, IsAsTheDefinitionsSay) {
    for (const Feedback feedback : {Feedback::implicit_feedback, Feedback::explicit_feedback})
        for (const int k : {1, 3, 10, 100})
            for (const bool exclude_seen : {false, true})
                for (const bool score_cold : {false, true}) {
                    EvaluationOptions options{.k = k, .exclude_seen = exclude_seen, .score_cold = score_cold};
                    expect_as_oracle({.feedback = feedback}, options);
                    options.relevant_from = 3.f;
                    expect_as_oracle({.feedback = feedback, .users = 35, .items = 50, .rank = 3}, options);
                }
}

TEST(Evaluate, CountsWhatHasNoTrainingData) {
    const SampleModel sample;
    const Ratings test = test_ratings(sample.parts());
    const Evaluation evaluation = evaluated(sample.parts(), test, {});
    EXPECT_EQ(evaluation.find("cold_users")->value, 4);
    EXPECT_EQ(evaluation.find("cold_items")->value, 2);
    EXPECT_EQ(evaluation.find("cold_ratings")->value, 4 + 7);  // of new users, of new items
    EXPECT_GT(evaluation.find("overlap")->value, 0);
    EXPECT_NEAR(evaluation.find("personal")->value, 20. / 24, 1e-12);
}

TEST(Evaluate, IsTheSameForAnyNumberOfThreads) {
    const SampleModel sample({.users = 300, .items = 200, .rank = 8});
    const Ratings test = test_ratings(sample.parts(), .05);
    for (const std::optional<int> candidates : {std::optional<int>(), std::optional<int>(20)}) {
        const Evaluation one = evaluated(sample.parts(), test, {.candidates = candidates, .threads = 1});
        const Evaluation three = evaluated(sample.parts(), test, {.candidates = candidates, .threads = 3});
        for (std::size_t m = 0; m < one.measures.size(); m++) {
            EXPECT_EQ(std::memcmp(&one.measures[m].value, &three.measures[m].value, sizeof(double)), 0)
                << one.measures[m].name;
            EXPECT_EQ(std::memcmp(&one.measures[m].popularity, &three.measures[m].popularity, sizeof(double)),
                      0);
        }
    }
}

// With as many candidates as there are items, the ranking is among all of them.
TEST(Evaluate, CandidatesAreDrawnFromWhatIsNeitherSeenNorRelevant) {
    const SampleModel sample;
    const Ratings test = test_ratings(sample.parts());
    const Evaluation all = evaluated(sample.parts(), test, {.k = 5});
    const Evaluation sampled = evaluated(sample.parts(), test, {.k = 5, .candidates = 1000});
    EXPECT_DOUBLE_EQ(all.find("ndcg")->value, sampled.find("ndcg")->value);
    EXPECT_DOUBLE_EQ(all.find("ndcg")->popularity, sampled.find("ndcg")->popularity);
    EXPECT_EQ(sampled.find("coverage"), nullptr);
    const Evaluation few = evaluated(sample.parts(), test, {.k = 5, .candidates = 3});
    EXPECT_GT(few.find("ndcg")->value, all.find("ndcg")->value);
    EXPECT_NE(few.find("ndcg")->value,
              evaluated(sample.parts(), test, {.k = 5, .candidates = 3, .seed = 1}).find("ndcg")->value);
}

TEST(Evaluate, MeasuresASampleOfUsers) {
    const SampleModel sample({.users = 400, .items = 60});
    const Ratings test = test_ratings(sample.parts(), .1);
    const Evaluation some = evaluated(sample.parts(), test, {.most_users = 100});
    EXPECT_GT(some.find("ndcg")->users, 60);
    EXPECT_LT(some.find("ndcg")->users, 140);
    EXPECT_NEAR(some.find("ndcg")->value, evaluated(sample.parts(), test, {}).find("ndcg")->value,
                4 * some.find("ndcg")->standard_error);
}

TEST(Evaluate, SaysWhichFiguresLoseToPopularity) {
    const auto loses = [](const char* name, double value, double popularity, double standard_error = .01) {
        return Measure{name, value, standard_error, popularity}.loses_to_popularity();
    };
    EXPECT_TRUE(loses("ndcg", .10, .13));
    EXPECT_FALSE(loses("ndcg", .10, .115));  // within two standard errors
    EXPECT_FALSE(loses("ndcg", .13, .10));
    EXPECT_TRUE(loses("rmse", 1.03, 1));
    EXPECT_FALSE(loses("mae", .9, 1));
    EXPECT_FALSE(loses("ndcg", NAN, .13));
    EXPECT_FALSE(loses("ndcg", .10, .13, NAN));
}

TEST(Evaluate, RefusesWhereNothingIsLeft) {
    const SampleModel sample;
    const ModelParts model = sample.parts();
    MemoryBudget budget(std::size_t{1} << 30);
    RatingsBuilder builder(IdType::integer, IdType::text, false, budget);
    for (std::int64_t u = 0; u < model.users.size(); u++)
        model.seen.for_each(
            u, [&](std::int32_t item) { builder.add(model.users.at(u), model.items.at(item), 1); });
    builder.add(Id::of(12345678), Id::text("nothing"), 1);
    QuietHost host;
    const Ratings training = builder.finish(OnDuplicate::mean, host);
    try {
        evaluated(model, training, {});
        FAIL();
    } catch (const InvalidInput& e) {
        EXPECT_NE(std::string(e.what()).find("no test rating is left"), std::string::npos) << e.what();
    }
    EXPECT_NO_THROW(evaluated(model, training, {.exclude_seen = false}));
}

TEST(FoldMeans, AreMeansWithTheErrorBetweenFolds) {
    std::vector<Evaluation> folds(3);
    const double values[] = {1, 2, 6};
    for (int f = 0; f < 3; f++)
        folds[f].measures = {{"a", values[f], 9, 10 * values[f], 5, 7},
                             {"b", f == 1 ? NAN : 4., NAN, NAN, 1, 1}};
    const auto means = fold_means(folds);
    EXPECT_DOUBLE_EQ(means[0].value, 3);
    EXPECT_DOUBLE_EQ(means[0].standard_error, std::sqrt((4 + 1 + 9) / 2. / 3));
    EXPECT_DOUBLE_EQ(means[0].popularity, 30);
    EXPECT_EQ(means[0].users, 15);
    EXPECT_EQ(means[0].ratings, 21);
    EXPECT_DOUBLE_EQ(means[1].value, 4);
    EXPECT_TRUE(std::isnan(means[1].popularity));
}

}  // namespace
}  // namespace personalize::core
