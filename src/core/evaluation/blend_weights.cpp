#include "core/evaluation/blend_weights.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>

#include "core/evaluation/averages.hpp"
#include "core/evaluation/ranked_lists.hpp"
#include "core/evaluation/ranking_metrics.hpp"
#include "core/evaluation/test_cases.hpp"
#include "core/model/hybrid_recommender.hpp"
#include "core/model/liked_items.hpp"
#include "core/ratings/id_hash.hpp"
#include "core/runtime/error.hpp"
#include "core/runtime/parallel.hpp"
#include "core/runtime/poll_counter.hpp"

namespace personalize::core {

namespace {

constexpr std::size_t kMostPoints = 100;

using Weights = std::vector<float>;
using Grid = std::vector<Weights>;
using Voices = HybridRecommender::Voices;

// Parts of `left` for the components from weights.size() on.
void divide(int left, int steps, std::size_t components, Weights& weights, Grid& grid) {
    if (weights.size() + 1 == components) {
        weights.push_back(static_cast<float>(left) / static_cast<float>(steps));
        grid.push_back(weights);
        weights.pop_back();
        return;
    }
    for (int part = left; part >= 0; part--) {
        weights.push_back(static_cast<float>(part) / static_cast<float>(steps));
        divide(left - part, steps, components, weights, grid);
        weights.pop_back();
    }
}

// A test user and what is expected of the lists made for them.
struct Tested {
    std::int32_t user;
    std::vector<std::int32_t> items;  // ascending: relevant ones, or those with a rating
    std::vector<float> ratings;
    std::int64_t relevant;
};

// One user's figure for one way of weighting, to be averaged over users: a sum over so many parts.
struct Figure {
    double sum = 0, parts = 0;
};

class WeightChoice {
  public:
    WeightChoice(const ModelParts& hybrid, const Ratings& test, const EvaluationOptions& options, Host& host)
        : hybrid_(hybrid),
          recommender_(hybrid),
          test_(test),
          options_(options),
          host_(host),
          components_(recommender_.components()),
          grid_(weight_grid(components_)) {}

    BlendChoice run() {
        choose_users();
        measure();
        const std::int64_t users = heard_users();
        std::vector<double> values;
        for (std::size_t point = 0; point < grid_.size(); point++) values.push_back(value_of(point));
        const auto best = predicts_ratings() ? std::min_element(values.begin(), values.end())
                                             : std::max_element(values.begin(), values.end());
        const auto point = static_cast<std::size_t>(best - values.begin());
        BlendChoice choice{grid_[point], predicts_ratings() ? "rmse" : "ndcg", *best, {}, users};
        for (std::size_t c = 0; c < components_; c++)
            choice.alone.push_back(values[static_cast<std::size_t>(
                std::find_if(grid_.begin(), grid_.end(), [c](const Weights& w) { return w[c] == 1; }) -
                grid_.begin())]);
        return choice;
    }

  private:
    bool predicts_ratings() const noexcept { return hybrid_.rule.feedback == Feedback::explicit_feedback; }

    void choose_users() {
        const double share = options_.most_users ? static_cast<double>(*options_.most_users) /
                                                       static_cast<double>(test_.users.size())
                                                 : 1;
        PollCounter progress(host_);
        TestCases cases(hybrid_, test_, host_);
        for (std::int64_t user = 0; user < test_.users.size(); user++) {
            progress.count(1 + std::ssize(test_.by_user.row(user).columns));
            if (share < 1 && unit_interval(hash_id(test_.users.view().at(user), options_.seed)) >= share)
                continue;
            if (cases.user(user) == IdView::kNotFound) continue;
            const TestCase relevant =
                cases.relevant(user, options_.relevant_from, options_.exclude_seen, false);
            if (relevant.relevant == 0) continue;
            Tested tested{
                relevant.user, {relevant.items.begin(), relevant.items.end()}, {}, relevant.relevant};
            if (predicts_ratings()) take_ratings(cases, user, tested);
            users_.push_back(std::move(tested));
        }
    }

    // Those without a voice have no parts in their figures.
    std::int64_t heard_users() const {
        std::int64_t heard = 0;
        for (std::size_t user = 0; user < users_.size(); user++)
            heard += figures_[user * grid_.size()].parts > 0;
        if (heard > 0) return heard;
        throw InvalidInput(
            "no test user is left to choose weights by: all are unknown to the components, or have nothing "
            "relevant that they had not rated before",
            "Test with ratings that the components were not trained on.");
    }

    void take_ratings(TestCases& cases, std::int64_t test_user, Tested& tested) const {
        const SparseRow row = test_.by_user.row(test_user);
        for (std::size_t k = 0; k < row.size(); k++)
            if (std::binary_search(tested.items.begin(), tested.items.end(), cases.item(row.columns[k])))
                tested.ratings.push_back(row.values[k]);
    }

    void measure() {
        figures_.resize(users_.size() * grid_.size());
        parallel_chunks(host_, options_.threads, std::ssize(users_), [this]() -> ChunkBody {
            auto scores = std::make_shared<std::vector<float>>();
            return [this, scores](std::int64_t chunk) {
                const auto user = static_cast<std::size_t>(chunk);
                const Voices voices = recommender_.voices(users_[user].user);
                const std::vector<bool> speaks = which_speak(voices);
                if (std::find(speaks.begin(), speaks.end(), true) == speaks.end()) return;
                ItemSet left_out;
                left_out.reset(hybrid_.items.size());
                if (options_.exclude_seen)
                    for_each_seen(hybrid_, users_[user].user,
                                  [&](std::int32_t item) { left_out.insert(item); });
                for (std::size_t point = 0; point < grid_.size(); point++) {
                    Figure& figure = figures_[user * grid_.size() + point];
                    const Weights weights = heard(grid_[point], speaks);
                    figure = predicts_ratings() ? squared_error(voices, weights, grid_[point], users_[user])
                                                : list_gain(voices, weights, users_[user], left_out, *scores);
                    stop_point();
                }
            };
        });
    }

    static std::vector<bool> which_speak(const Voices& voices) {
        std::vector<bool> speaks;
        for (const auto& scores : voices.scores)
            speaks.push_back(
                std::any_of(scores.begin(), scores.end(), [](float score) { return !std::isnan(score); }));
        return speaks;
    }

    // As hybrid_recommender.hpp has it: where none with a weight has a voice, the first that does.
    static Weights heard(Weights weights, const std::vector<bool>& speaks) {
        for (std::size_t c = 0; c < weights.size(); c++)
            if (weights[c] > 0 && speaks[c]) return weights;
        const auto first = std::find(speaks.begin(), speaks.end(), true);
        if (first != speaks.end()) weights[static_cast<std::size_t>(first - speaks.begin())] = 1;
        return weights;
    }

    Figure squared_error(const Voices& voices, const Weights& weights, const Weights& given,
                         const Tested& tested) const noexcept {
        Figure figure;
        for (std::size_t k = 0; k < tested.items.size(); k++) {
            double sum = 0, total = 0;
            for (std::size_t c = 0; c < components_; c++) {
                const float rating = voices.scores[c][tested.items[k]];
                if (std::isnan(rating) || weights[c] == 0) continue;
                sum += static_cast<double>(weights[c]) * rating;
                total += weights[c];
            }
            const float rating = total > 0
                                     ? static_cast<float>(sum / total)
                                     : recommender_.rating_of_unknown(voices.tastes, given, tested.items[k]);
            const double error =
                static_cast<double>(std::clamp(rating, hybrid_.rule.lowest, hybrid_.rule.highest)) -
                tested.ratings[k];
            figure.sum += error * error;
            figure.parts++;
        }
        return figure;
    }

    Figure list_gain(const Voices& voices, const Weights& weights, const Tested& tested,
                     const ItemSet& left_out, std::vector<float>& scores) const {
        const auto items = static_cast<std::size_t>(hybrid_.items.size());
        constexpr float kUnknown = -std::numeric_limits<float>::infinity();
        scores.assign(items, kUnknown);
        bool by_likes = true;  // as HybridRecommender lists them: none of a score below 0
        for (std::size_t c = 0; c < components_; c++) {
            if (weights[c] == 0) continue;
            const float* const voice = voices.scores[c].data();
            by_likes = by_likes && (recommender_.component_may_be_silent(c) || !voices.tastes[c].personal);
            for (std::size_t i = 0; i < items; i++)
                if (!std::isnan(voice[i]))
                    scores[i] = (scores[i] == kUnknown ? 0 : scores[i]) + weights[c] * voice[i];
        }
        std::vector<Scored> list;
        rank_in_order(
            hybrid_.popular_order, options_.k, [&scores](std::int32_t item) { return scores[item]; },
            [&, least = by_likes ? 0 : kUnknown](std::int32_t item, float score) {
                return score >= least && score != kUnknown && !left_out.contains(item);
            },
            list);
        std::vector<std::uint8_t> hits;
        for (const Scored& item : list)
            hits.push_back(std::binary_search(tested.items.begin(), tested.items.end(), item.index));
        return {ndcg({hits, tested.relevant, options_.k}), 1};
    }

    double value_of(std::size_t point) const noexcept {
        Figure all;
        for (std::size_t user = 0; user < users_.size(); user++) {
            all.sum += figures_[user * grid_.size() + point].sum;
            all.parts += figures_[user * grid_.size() + point].parts;
        }
        const double mean = all.sum / all.parts;
        return predicts_ratings() ? std::sqrt(mean) : mean;
    }

    const ModelParts& hybrid_;
    const HybridRecommender recommender_;
    const Ratings& test_;
    const EvaluationOptions& options_;
    Host& host_;
    const std::size_t components_;
    const Grid grid_;
    std::vector<Tested> users_;
    std::vector<Figure> figures_;  // of each user by each point of the grid
};

}  // namespace

std::vector<std::vector<float>> weight_grid(std::size_t components) {
    for (const int steps : {10, 5, 4, 2, 1}) {
        Grid grid;
        Weights weights;
        divide(steps, steps, components, weights, grid);
        if (grid.size() <= kMostPoints || steps == 1) return grid;
    }
    return {};
}

BlendChoice choose_weights(const ModelParts& hybrid, const Ratings& test, const EvaluationOptions& options,
                           Host& host) {
    return WeightChoice(hybrid, test, options, host).run();
}

std::size_t choose_weights_memory(const ModelParts& hybrid, const Ratings& test,
                                  const EvaluationOptions& options) {
    const auto of_ratings = static_cast<std::size_t>(test.by_user.nonzeros()) * 2 * sizeof(float);
    const auto of_users = static_cast<std::size_t>(test.users.size()) *
                          (sizeof(Tested) + kMostPoints * sizeof(Figure) + sizeof(std::int32_t));
    const auto of_thread =
        static_cast<std::size_t>(hybrid.items.size()) * (kMostComponents + 1) * sizeof(float);
    return of_ratings + of_users + static_cast<std::size_t>(options.threads) * of_thread +
           HybridRecommender(hybrid).best_for_users_memory(1, options.threads);
}

}  // namespace personalize::core
