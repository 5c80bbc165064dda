// How good a model is on ratings that it was not trained on, beside recommending what is popular.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/model/model_image.hpp"
#include "core/ratings/ratings.hpp"
#include "core/runtime/host.hpp"

namespace personalize::core {

struct EvaluationOptions {
    int k = 10;                               // length of the lists
    std::optional<float> relevant_from = {};  // lowest test rating that counts as relevant; none: every one
    // True: what a user has in the training is neither recommended nor relevant, as recommend_for does it.
    bool exclude_seen = true;
    // False: users and items without training data are left out. True: such users are answered as
    // recommend_for answers them, and such items count as relevant, though no list can hold them.
    bool score_cold = false;
    // None: all items are ranked. Else each user's relevant items among so many others, drawn by the seed
    // from those that are neither relevant nor seen. Such figures do not order models as full ones do
    // (Krichene and Rendle 2020, "On Sampled Metrics for Item Recommendation").
    std::optional<int> candidates = {};
    std::optional<std::int64_t> most_users = {};  // about so many, drawn by the seed; none: all
    std::uint64_t seed = 0;
    int threads = 1;
};

// One figure, for the model and for the popularity baseline. NaN where it is not defined.
struct Measure {
    const char* name;
    double value;
    double standard_error;                // of `value`, users being independent of one another
    double popularity;                    // the same figure of recommending what most users like
    std::int64_t users = 0, ratings = 0;  // that it rests on

    bool is_error() const noexcept;  // of predicted ratings: smaller is better
    // Whether the baseline is better by more than two standard errors. Of rmse, mae and the metrics of lists.
    bool loses_to_popularity() const noexcept;
};

struct Evaluation {
    std::vector<Measure> measures;
    std::int64_t test_ratings = 0;
    std::int64_t overlap = 0;  // test pairs that were in the training

    // The figure with this name, or null.
    const Measure* find(const char* name) const noexcept;
    const Measure& main() const noexcept;  // rmse of explicit models, else ndcg
};

// Measures, in this order:
// - rmse, mae (explicit models; baseline: the mean of the training ratings);
// - precision, recall, recall_capped, f1, ndcg, map, mrr, hit_rate (ranking_metrics.hpp), means over users
//   with something relevant;
// - coverage: share of the model's items that are in any list;
// - diversity: mean over lists of 1 - mean cosine of the factors of two of its items;
// - novelty: mean over lists of the mean of -log2(share of users who like the item);
// - gini: of how often each item is recommended, 0 (all alike) to 1 (always the same);
// - personal: share of test users whose answer is personal;
// - overlap: test ratings whose user and item were together in the training;
// - cold_users, cold_items, cold_ratings: numbers of those without training data.
// Coverage to gini for full rankings only; no baseline and no standard error for the last four.
// `test` holds ratings as they come, not encoded, by ids of the model's types. The same result for any number
// of threads. Throws InvalidInput where nothing is left to measure, what host.poll() throws.
Evaluation evaluate(const ModelParts& model, const Ratings& test, const EvaluationOptions& options,
                    Host& host);

// Bytes that evaluate() takes beside the model and the test ratings.
std::size_t evaluation_memory(const ModelParts& model, const Ratings& test, const EvaluationOptions& options);

}  // namespace personalize::core
