#include "core/evaluation/tune_mf.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/runtime/error.hpp"
#include "planted_taste.hpp"

namespace personalize::core {
namespace {

constexpr std::size_t kPlenty = std::size_t{1} << 30;

struct Outcome {
    Tuning tuning;
    std::vector<Trial> reports;
    std::size_t budget_left_in_use = 0;
};

TuningOptions small_options(int trials) {
    TuningOptions options;
    options.trials = trials;
    options.seed = 3;
    options.space.max_factors = 32;
    options.space.base.factors = 16;
    options.space.base.iterations = 8;
    options.evaluation.k = 5;
    return options;
}

Outcome tuned(
    TuningOptions options, const std::function<void(const Trial&)>& also = [](const Trial&) {}) {
    QuietHost host;
    MemoryBudget budget(kPlenty);
    const Ratings all = test::planted_taste({.users = 200, .items = 60, .density = .4});
    Split parts = split(all, {.fraction = .2}, host);
    options.space.base = completed(options.space.base, parts.train.by_user);
    Outcome outcome;
    outcome.tuning = tune_mf(parts, options, budget, host, [&](const Trial& trial) {
        outcome.reports.push_back(trial);
        also(trial);
    });
    outcome.budget_left_in_use = budget.used();
    return outcome;
}

TEST(TuneMf, ChoosesTheBestOfAllThatWasScored) {
    const Outcome outcome = tuned(small_options(18));
    double best = 0, defaults = 0;
    for (const Trial& trial : outcome.reports) {
        best = std::max(best, trial.score.value);
        if (trial.number == 1) defaults = trial.last_score;  // the last one is of all iterations
    }
    EXPECT_EQ(outcome.tuning.best.score.value, best);
    EXPECT_EQ(outcome.tuning.defaults.last_score, defaults);
    EXPECT_EQ(outcome.tuning.trials, 18);
    EXPECT_FALSE(outcome.tuning.out_of_time);
    EXPECT_EQ(outcome.budget_left_in_use, 0u);
}

// Too strong a regularization makes all answers alike: the search must find its way out of bad defaults.
TEST(TuneMf, BeatsBadDefaults) {
    TuningOptions options = small_options(18);
    options.space.base.regularization = 8;
    const Outcome outcome = tuned(options);
    EXPECT_GT(outcome.tuning.best.score.value, 1.1 * outcome.tuning.defaults.last_score);
    EXPECT_LT(*outcome.tuning.best.settings.regularization, 8);
}

// With the iterations fixed to 8: nine trainings of 2, of the best three of 4, of the best one of 8; and of
// the defaults all three, if they are not among the best anyway.
TEST(TuneMf, HalvesEachGroupAndTrainsTheDefaultsToTheEnd) {
    TuningOptions options = small_options(9);
    options.space.iterations = false;
    const Outcome outcome = tuned(options);
    std::map<int, std::set<int>> trained;  // after so many iterations: which trials
    for (const Trial& trial : outcome.reports) trained[trial.trained].insert(trial.number);
    ASSERT_EQ(trained.size(), 3u);
    EXPECT_EQ(trained[2].size(), 9u);
    EXPECT_TRUE(trained[4].size() == 3 || trained[4].size() == 4) << trained[4].size();
    EXPECT_TRUE(trained[8].size() == 1 || trained[8].size() == 2) << trained[8].size();
    EXPECT_TRUE(trained[4].contains(1) && trained[8].contains(1));
    // The three are the best of the nine after 2 iterations.
    std::vector<std::pair<double, int>> order;
    for (const Trial& trial : outcome.reports)
        if (trial.trained == 2) order.emplace_back(-trial.score.value, trial.number);
    std::sort(order.begin(), order.end());
    for (int k = 0; k < 3; k++) EXPECT_TRUE(trained[4].contains(order[k].second));
}

TEST(TuneMf, TheSameSeedGivesTheSameTrials) {
    const Outcome a = tuned(small_options(12)), b = tuned(small_options(12));
    ASSERT_EQ(a.reports.size(), b.reports.size());
    for (std::size_t k = 0; k < a.reports.size(); k++) {
        EXPECT_EQ(a.reports[k].number, b.reports[k].number);
        EXPECT_EQ(a.reports[k].settings.factors, b.reports[k].settings.factors);
        EXPECT_EQ(a.reports[k].settings.regularization, b.reports[k].settings.regularization);
        EXPECT_EQ(a.reports[k].score.value, b.reports[k].score.value);
    }
    TuningOptions other = small_options(12);
    other.seed = 4;
    EXPECT_NE(tuned(other).reports[1].settings.regularization, a.reports[1].settings.regularization);
}

TEST(TuneMf, SearchesOnlyWhatItIsGivenToSearch) {
    TuningOptions options = small_options(12);
    options.space.factors = options.space.iterations = options.space.unobserved_weight = false;
    std::set<float> regularizations;
    for (const Trial& trial : tuned(options).reports) {
        EXPECT_EQ(trial.settings.factors, 16);
        EXPECT_EQ(trial.settings.iterations, 8);
        regularizations.insert(*trial.settings.regularization);
    }
    EXPECT_EQ(regularizations.size(), 12u);
}

TEST(TuneMf, ChoosesTheLowestError) {
    TuningOptions options = small_options(9);
    options.space.base.feedback = Feedback::explicit_feedback;
    options.space.unobserved_weight = false;
    options.metric = "rmse";
    const Outcome outcome = tuned(options);
    for (const Trial& trial : outcome.reports) EXPECT_LE(outcome.tuning.best.score.value, trial.score.value);
}

TEST(TuneMf, EndsWithItsTime) {
    TuningOptions options = small_options(10000);
    options.seconds = .4;
    const auto start = std::chrono::steady_clock::now();
    const Outcome outcome = tuned(options);
    EXPECT_TRUE(outcome.tuning.out_of_time);
    EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), 5);
    EXPECT_GT(outcome.tuning.trials, 0);
    EXPECT_EQ(outcome.budget_left_in_use, 0u);
    options.seconds = 1e-9;
    EXPECT_THROW(tuned(options), InvalidInput);
}

TEST(TuneMf, PassesOnWhatTheReportThrows) {
    EXPECT_THROW(tuned(small_options(9),
                       [](const Trial& trial) {
                           if (trial.number == 3) throw std::runtime_error("no room");
                       }),
                 std::runtime_error);
}

TEST(TuneMf, KnowsWhichWayIsBetter) {
    EXPECT_TRUE(larger_is_better("ndcg", Feedback::implicit_feedback));
    EXPECT_FALSE(larger_is_better("rmse", Feedback::explicit_feedback));
    EXPECT_THROW(larger_is_better("rmse", Feedback::implicit_feedback), InvalidInput);
    EXPECT_THROW(larger_is_better("coverage", Feedback::implicit_feedback), InvalidInput);
}

TEST(MfSearch, StaysInItsRanges) {
    MfSearchSpace space;
    space.base.regularization = .01f;
    space.base.unobserved_weight = .1f;
    space.max_factors = 100;
    MfOptions settings = space.base;
    for (int trial = 2; trial < 500; trial++) {
        settings = trial % 2 ? random_settings(space, 1, trial) : settings_near(settings, space, 1, trial);
        EXPECT_GE(settings.factors, 16);
        EXPECT_LE(settings.factors, 100);
        EXPECT_TRUE(settings.factors % 16 == 0 || settings.factors == 100);
        EXPECT_GE(settings.iterations, MfSearchSpace::kFewestIterations);
        EXPECT_LE(settings.iterations, MfSearchSpace::kMostIterations);
        EXPECT_GE(*settings.regularization, .01f / 16.01f);
        EXPECT_LE(*settings.regularization, .01f * 16.01f);
        EXPECT_GE(*settings.unobserved_weight, .1f / 16.01f);
        EXPECT_LE(*settings.unobserved_weight, .1f * 16.01f);
    }
    space.max_factors = 5;
    EXPECT_EQ(random_settings(space, 1, 7).factors, 5);
}

}  // namespace
}  // namespace personalize::core
