#include "core/model/new_items.hpp"

#include <algorithm>

#include "core/content/attribute_factors.hpp"
#include "core/ratings/unite_items.hpp"
#include "core/runtime/memory_claim.hpp"

namespace personalize::core {

namespace {

// Ratings of an item, up to so many: factors of few are more of the regularization than of the item.
constexpr float kMostWeight = 50;

std::vector<float> weights_of(const SparseMatrix& by_user) {
    std::vector<float> weights(static_cast<std::size_t>(by_user.columns_count));
    for (const std::int32_t item : by_user.columns) weights[item] = std::min(weights[item] + 1, kMostWeight);
    return weights;
}

}  // namespace

void add_new_items(MfModel& model, Ratings& ratings, ItemFeatures features, MemoryBudget& budget,
                   Host& host) {
    const UnitedItems places = unite_items(ratings, features.items.view(), budget, host);
    const std::int64_t items = ratings.items.size();
    const SparseMatrix by_item = spread_rows(std::move(features.by_item), places.others, items);
    const Objective& objective = model.objective;
    const int columns = objective.rank + (objective.has_biases() ? 1 : 0);
    budget.reserve(Factors::memory(items, objective.width()), "the factors of new items");
    Factors extended(items, objective.width());
    for (std::size_t k = 0; k < places.rated.size(); k++)
        std::copy_n(model.items.row(static_cast<std::int64_t>(k)), extended.stride(),
                    extended.row(places.rated[k]));
    if (objective.has_biases())
        for (std::int64_t item = 0; item < items; item++)
            extended.row(item)[objective.rank + 1] = 1;  // factors.hpp
    MemoryClaim scratch(&budget, "the factors of new items");
    scratch.add(extend_by_attributes_memory(by_item, columns, model.options.threads));
    extend_by_attributes(by_item, weights_of(ratings.by_user), columns, model.options.threads, host,
                         extended);
    model.items = std::move(extended);
    // Folding in regularizes by a0 times the number of items: as many as it was trained with.
    model.objective.unobserved_weight *=
        static_cast<float>(static_cast<double>(places.rated.size()) / static_cast<double>(items));
    model.seen = SeenItemsList(ratings.by_user, budget, host);
    model.popularity = count_popularity(ratings.by_user, objective.feedback);
    model.popular_order = order_by_popularity(model.popularity);
}

}  // namespace personalize::core
