// A model of what items are and of what users like in them, from features and ratings to what serves.
#pragma once

#include <vector>

#include "core/content/item_features.hpp"
#include "core/model/model_image.hpp"
#include "core/ratings/feedback.hpp"
#include "core/ratings/ratings.hpp"
#include "core/runtime/host.hpp"
#include "core/runtime/memory_budget.hpp"

namespace personalize::core {

struct ContentModel {
    FeedbackRule rule;
    IdList terms;
    SparseMatrix features, postings;  // items x terms, and its transpose
    BulkVector<float> seen_values;
    std::vector<float> popularity;
    std::vector<std::int32_t> popular_order;
    SeenItemsList seen;

    // Views of this model and of the ratings that it was trained on, which live at least as long.
    ModelParts parts(const Ratings& ratings) const;
};

// `ratings`, encoded by a rule for implicit feedback, get the items of the features as further items. What
// the training takes is claimed from `budget`; the model stays claimed, for the caller to release. Throws
// MemoryLimitExceeded, what host.poll() throws.
ContentModel train_content(Ratings& ratings, const FeedbackRule& rule, ItemFeatures features, int threads,
                           MemoryBudget& budget, Host& host);

}  // namespace personalize::core
