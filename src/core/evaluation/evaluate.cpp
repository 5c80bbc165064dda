#include "core/evaluation/evaluate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "core/evaluation/averages.hpp"
#include "core/evaluation/list_quality.hpp"
#include "core/evaluation/ranked_lists.hpp"
#include "core/evaluation/ranking_metrics.hpp"
#include "core/evaluation/test_cases.hpp"
#include "core/model/recommender.hpp"
#include "core/ratings/id_hash.hpp"
#include "core/runtime/error.hpp"
#include "core/runtime/parallel.hpp"
#include "core/runtime/poll_counter.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core {

namespace {

struct RankingMetric {
    const char* name;
    double (*value)(const RankedHits&);
};
constexpr std::array kRankingMetrics = {RankingMetric{"precision", precision},
                                        RankingMetric{"recall", recall},
                                        RankingMetric{"recall_capped", recall_capped},
                                        RankingMetric{"f1", f1},
                                        RankingMetric{"ndcg", ndcg},
                                        RankingMetric{"map", average_precision},
                                        RankingMetric{"mrr", reciprocal_rank},
                                        RankingMetric{"hit_rate", hit_rate}};

// Lists are made for this many users, or scores, at a time.
constexpr std::int64_t kUsersAtATime = 4096, kScoresAtATime = 4'000'000;
constexpr std::int64_t kStepsPerRating = 16;  // to look it up, or to draw a candidate, as PollCounter counts

// All figures about lists of one recommender.
class ListScores {
  public:
    ListScores(const ModelParts& model, int k) : judge_(model), exposure_(model.items.size()), k_(k) {}

    void add(std::span<const Scored> list, const TestCase& test) {
        hits_.clear();
        for (const Scored& item : list)
            hits_.push_back(std::binary_search(test.items.begin(), test.items.end(), item.index));
        const RankedHits ranked{hits_, test.relevant, k_};
        for (std::size_t m = 0; m < kRankingMetrics.size(); m++)
            metrics_[m].add(kRankingMetrics[m].value(ranked));
        const ListQuality quality = judge_.judge(list);
        if (!std::isnan(quality.diversity)) diversity_.add(quality.diversity);
        if (!std::isnan(quality.novelty)) novelty_.add(quality.novelty);
        exposure_.add(list);
    }

    const Average& metric(std::size_t m) const noexcept { return metrics_[m]; }
    const Average& diversity() const noexcept { return diversity_; }
    const Average& novelty() const noexcept { return novelty_; }
    const Exposure& exposure() const noexcept { return exposure_; }

  private:
    ListJudge judge_;
    Exposure exposure_;
    std::array<Average, kRankingMetrics.size()> metrics_;
    Average diversity_, novelty_;
    std::vector<std::uint8_t> hits_;
    int k_;
};

// Users whose lists are made together, with what they were right to be given.
struct Batch {
    std::vector<Reader> readers;
    std::vector<TestCase> cases;  // their items are in `items`
    std::vector<std::int32_t> items;

    void clear() {
        readers.clear();
        cases.clear();
        items.clear();
    }
};

class Evaluator {
  public:
    Evaluator(const ModelParts& model, const Ratings& test, const EvaluationOptions& options, Host& host)
        : model_(model),
          recommender_(make_recommender(model)),
          test_(test),
          options_(options),
          host_(host),
          cases_(model, test, host),
          of_model_(model, options.k),
          of_popular_(model, options.k) {}

    Evaluation run() {
        choose_users();
        count_ratings();
        count_personal();
        if (predicts_ratings()) measure_errors();
        rank();
        measure_lists();
        add_count("overlap", result_.overlap);
        add_count("cold_users", cases_.cold_users());
        add_count("cold_items", cases_.cold_items());
        add_count("cold_ratings", cold_ratings_);
        return std::move(result_);
    }

  private:
    bool predicts_ratings() const noexcept { return model_.rule.feedback == Feedback::explicit_feedback; }

    void choose_users() {
        const double share = options_.most_users ? static_cast<double>(*options_.most_users) /
                                                       static_cast<double>(test_.users.size())
                                                 : 1;
        for (std::int64_t user = 0; user < test_.users.size(); user++)
            if (share >= 1 || unit_interval(hash_id(test_.users.view().at(user), options_.seed)) < share)
                users_.push_back(static_cast<std::int32_t>(user));
    }

    // Whether a test rating takes part: both sides known, or cold ones asked for, and not seen in training.
    bool counts(std::int32_t user, std::int32_t item) {
        const bool cold = user == IdView::kNotFound || item == IdView::kNotFound;
        if (cold) return options_.score_cold;
        return !options_.exclude_seen || !cases_.seen(user, item);
    }

    void count_ratings() {
        PollCounter progress(host_);
        std::int64_t taking_part = 0;
        result_.test_ratings = test_.by_user.nonzeros();
        for (std::int64_t u = 0; u < test_.users.size(); u++) {
            const std::int32_t user = cases_.user(u);
            for (const std::int32_t column : test_.by_user.row(u).columns) {
                const std::int32_t item = cases_.item(column);
                if (user == IdView::kNotFound || item == IdView::kNotFound)
                    cold_ratings_++;
                else if (cases_.seen(user, item))
                    result_.overlap++;
                taking_part += counts(user, item);
                progress.count(kStepsPerRating);
            }
        }
        if (taking_part == 0)
            throw InvalidInput(
                "no test rating is left to measure: of " + std::to_string(result_.test_ratings) + ", " +
                    std::to_string(result_.overlap) + " were in the training and " +
                    std::to_string(cold_ratings_) + " are of users or items that were not",
                "Test with ratings of the same users and items that the model was not trained on.");
    }

    // In threads: a hybrid may have to score items to tell.
    void count_personal() {
        constexpr std::int64_t kUsersPerChunk = 64;
        const std::int64_t users = std::ssize(users_);
        std::vector<std::uint8_t> personal(users_.size());
        const auto chunks = (users + kUsersPerChunk - 1) / kUsersPerChunk;
        parallel_chunks(host_, options_.threads, chunks, [&]() -> ChunkBody {
            return [&](std::int64_t chunk) {
                const std::int64_t end = std::min(users, (chunk + 1) * kUsersPerChunk);
                for (std::int64_t k = chunk * kUsersPerChunk; k < end; k++) {
                    const auto place = static_cast<std::size_t>(k);
                    const std::int32_t user = cases_.user(users_[place]);
                    personal[place] = user != IdView::kNotFound && recommender_->has_stored_taste(user);
                    stop_point();
                }
            };
        });
        personal_ = std::count(personal.begin(), personal.end(), 1);
    }

    void measure_errors() {
        PollCounter progress(host_);
        RatioAverage squares, absolutes, mean_squares, mean_absolutes;
        for (const std::int32_t test_user : users_) {
            const SparseRow row = test_.by_user.row(test_user);
            const std::int32_t user = cases_.user(test_user);
            const Taste taste = user != IdView::kNotFound ? recommender_->stored_taste(user) : Taste();
            double n = 0, square = 0, absolute = 0, mean_square = 0, mean_absolute = 0;
            for (std::size_t k = 0; k < row.size(); k++) {
                const std::int32_t item = cases_.item(row.columns[k]);
                if (!counts(user, item)) continue;
                const double error = *recommender_->predict(taste, item) - static_cast<double>(row.values[k]);
                const double from_mean = model_.rule.mean - static_cast<double>(row.values[k]);
                n++;
                square += error * error;
                absolute += std::fabs(error);
                mean_square += from_mean * from_mean;
                mean_absolute += std::fabs(from_mean);
            }
            progress.count(1 + kStepsPerRating * static_cast<std::int64_t>(row.size()));
            if (n == 0) continue;
            squares.add(square, n);
            absolutes.add(absolute, n);
            mean_squares.add(mean_square, n);
            mean_absolutes.add(mean_absolute, n);
        }
        const double rmse = std::sqrt(squares.mean());
        const auto rows = static_cast<std::int64_t>(squares.rows());
        // The delta method: the square root has the slope 1 / (2 rmse).
        add("rmse", rmse, rmse > 0 ? squares.standard_error() / (2 * rmse) : kUndefined,
            std::sqrt(mean_squares.mean()), squares.users(), rows);
        add("mae", absolutes.mean(), absolutes.standard_error(), mean_absolutes.mean(), squares.users(),
            rows);
    }

    // How many users' lists are made at a time.
    std::int64_t batch_size() const {
        const std::int64_t longest = std::min<std::int64_t>(
            std::max(options_.k, options_.candidates.value_or(0)), model_.items.size());
        return std::clamp<std::int64_t>(kScoresAtATime / longest, 1, kUsersAtATime);
    }

    void rank() {
        PollCounter progress(host_);
        Batch batch;
        for (const std::int32_t test_user : users_) {
            progress.count(1 + kStepsPerRating * std::ssize(test_.by_user.row(test_user).columns));
            const std::int32_t user = cases_.user(test_user);
            if (user == IdView::kNotFound && !options_.score_cold) continue;
            const TestCase test = cases_.relevant(test_user, options_.relevant_from, options_.exclude_seen,
                                                  options_.score_cold);
            if (test.relevant == 0) continue;
            batch.readers.push_back({user, candidates(test)});
            batch.cases.push_back(test);
            batch.items.insert(batch.items.end(), test.items.begin(), test.items.end());
            progress.count(kStepsPerRating * std::ssize(batch.readers.back().candidates));
            if (std::ssize(batch.cases) == batch_size()) rank(batch);
        }
        rank(batch);
        if (relevant_ == 0 && !predicts_ratings())
            throw InvalidInput("no test rating is relevant: of " + std::to_string(result_.test_ratings) +
                                   ", none that is neither seen nor unknown reaches relevant_from",
                               "Give a lower relevant_from.");
    }

    void rank(Batch& batch) {
        const ListOptions lists{static_cast<int>(std::min<std::int64_t>(options_.k, model_.items.size())),
                                options_.exclude_seen, options_.candidates.has_value(), options_.threads};
        const auto personal = RankedLists::personal(model_, *recommender_, batch.readers, lists, host_);
        const auto popular = RankedLists::popular(model_, batch.readers, lists, host_);
        std::span<const std::int32_t> items = batch.items;
        for (std::size_t k = 0; k < batch.cases.size(); k++) {
            TestCase& test = batch.cases[k];
            test.items = items.first(test.items.size());
            items = items.subspan(test.items.size());
            of_model_.add(personal.of(k), test);
            of_popular_.add(popular.of(k), test);
            relevant_ += test.relevant;
            if (k % 64 == 0) host_.poll();
        }
        batch.clear();
    }

    // The user's relevant items and others that are neither relevant nor seen, drawn by user and seed.
    std::vector<std::int32_t> candidates(const TestCase& test) const {
        if (!options_.candidates) return {};
        ItemSet taken;
        taken.reset(model_.items.size());
        std::int64_t left = model_.items.size();
        const auto take = [&](std::int32_t item) {
            if (taken.contains(item)) return false;
            taken.insert(item);
            left--;
            return true;
        };
        for (const std::int32_t item : test.items) take(item);
        for_each_seen(model_, test.user, take);
        std::vector<std::int32_t> result(test.items.begin(), test.items.end());
        Random random(options_.seed, hash_id(test_.users.view().at(test.test_user), 0));
        for (std::int64_t wanted = std::min<std::int64_t>(*options_.candidates, left); wanted > 0;) {
            const auto item =
                static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(model_.items.size())));
            if (!take(item)) continue;
            result.push_back(item);
            wanted--;
        }
        return result;
    }

    void measure_lists() {
        for (std::size_t m = 0; m < kRankingMetrics.size(); m++)
            add(kRankingMetrics[m].name, of_model_.metric(m), of_popular_.metric(m));
        if (!options_.candidates) {
            const Exposure &exposure = of_model_.exposure(), &popular = of_popular_.exposure();
            const std::int64_t users = of_model_.metric(0).count();
            add("coverage", exposure.coverage(), kUndefined, popular.coverage(), users, relevant_);
            add("diversity", of_model_.diversity(), of_popular_.diversity());
            add("novelty", of_model_.novelty(), of_popular_.novelty());
            add("gini", exposure.gini(), kUndefined, popular.gini(), users, relevant_);
        }
        add("personal", static_cast<double>(personal_) / static_cast<double>(users_.size()), kUndefined, 0,
            std::ssize(users_), relevant_);
    }

    void add(const char* name, double value, double standard_error, double popularity, std::int64_t users,
             std::int64_t ratings) {
        result_.measures.push_back({name, value, standard_error, popularity, users, ratings});
    }
    void add(const char* name, const Average& model, const Average& popular) {
        add(name, model.mean(), model.standard_error(), popular.mean(), model.count(), relevant_);
    }

    void add_count(const char* name, std::int64_t count) {
        add(name, static_cast<double>(count), kUndefined, kUndefined, test_.users.size(),
            result_.test_ratings);
    }

    const ModelParts& model_;
    const std::unique_ptr<Recommender> recommender_;
    const Ratings& test_;
    const EvaluationOptions& options_;
    Host& host_;
    TestCases cases_;
    ListScores of_model_, of_popular_;
    std::vector<std::int32_t> users_;  // test users that take part
    std::int64_t personal_ = 0, relevant_ = 0, cold_ratings_ = 0;
    Evaluation result_;
};

}  // namespace

const Measure* Evaluation::find(const char* name) const noexcept {
    for (const Measure& measure : measures)
        if (std::strcmp(measure.name, name) == 0) return &measure;
    return nullptr;
}

const Measure& Evaluation::main() const noexcept {
    const Measure* const error = find("rmse");
    return error != nullptr ? *error : *find("ndcg");
}

bool Measure::is_error() const noexcept {
    return std::strcmp(name, "rmse") == 0 || std::strcmp(name, "mae") == 0;
}

bool Measure::loses_to_popularity() const noexcept {
    return (is_error() ? value - popularity : popularity - value) > 2 * standard_error;
}

Evaluation evaluate(const ModelParts& model, const Ratings& test, const EvaluationOptions& options,
                    Host& host) {
    return Evaluator(model, test, options, host).run();
}

std::size_t evaluation_memory(const ModelParts& model, const Ratings& test,
                              const EvaluationOptions& options) {
    const auto bytes = [](std::int64_t count, std::size_t each) {
        return static_cast<std::size_t>(count) * each;
    };
    const std::int64_t items = model.items.size(), users = std::min(kUsersAtATime, test.users.size());
    const std::int64_t longest =
        std::min<std::int64_t>(std::max(options.k, options.candidates.value_or(0)), items);
    const std::int64_t scores = std::max(longest, std::min(kScoresAtATime, users * longest));
    return bytes(2 * (test.users.size() + test.items.size()), sizeof(std::int32_t)) +  // indexes
           bytes(3 * items, sizeof(std::int64_t)) +                                    // exposure, sorted
           bytes(scores, 3 * sizeof(Scored) + sizeof(std::int32_t)) +                  // lists, candidates
           make_recommender(model)->best_for_users_memory(users, options.threads) +
           bytes(test.by_user.nonzeros(), sizeof(std::int32_t));  // relevant items
}

}  // namespace personalize::core
