// A model of neighbours from ratings to what serves.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "core/model/model_image.hpp"
#include "core/neighbours/ease.hpp"
#include "core/neighbours/knn.hpp"
#include "core/ratings/feedback.hpp"
#include "core/ratings/ratings.hpp"
#include "core/runtime/host.hpp"
#include "core/runtime/memory_budget.hpp"

namespace personalize::core {

// How the neighbours are found.
using NeighbourMethod = std::variant<knn::Options, ease::Options>;

struct KnnOptions {
    Feedback feedback = Feedback::implicit_feedback;
    Weighting weighting = Weighting::binary;
    std::optional<float> positive_from;  // implicit; none: every row is a like
    NeighbourMethod method;
    bool of_users = false;           // users' neighbours in place of items'; of knn::Options
    std::int64_t most_postings = 0;  // nearest_users.hpp
};

struct KnnModel {
    FeedbackRule rule;
    SparseMatrix neighbours;
    // Of users' neighbours: the raters of items, and the payload.
    SparseMatrix postings;
    BulkVector<std::byte> payload;
    BulkVector<float> seen_values;
    std::vector<float> item_offsets, popularity;
    std::vector<std::int32_t> popular_order;
    SeenItemsList seen;

    ModelKind kind() const noexcept {
        return payload.empty() ? ModelKind::item_neighbours : ModelKind::user_neighbours;
    }
    // Views of this model and of the ratings that it was trained on, which live at least as long.
    ModelParts parts(const Ratings& ratings) const;
};

// An item's offset is its sum of deviations from the mean over (number of ratings + kOffsetDamping): Koren
// 2010, "Factor in the Neighbors", section 2.1.
inline constexpr float kOffsetDamping = 10;

// `ratings` are encoded by `rule`. Similarities that know members only, not values, do not count dislikes
// as such. What the training takes is claimed from `budget`; the model stays claimed,
// for the caller to release. Throws MemoryLimitExceeded, what knn::train(), knn::index_users() and
// ease::train() throw, what host.poll() throws.
KnnModel train_knn(const Ratings& ratings, const FeedbackRule& rule, const KnnOptions& options,
                   MemoryBudget& budget, Host& host);

}  // namespace personalize::core
