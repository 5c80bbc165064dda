#include "core/model/content_model.hpp"

#include "core/model/seen_values.hpp"
#include "core/ratings/transpose.hpp"
#include "core/ratings/unite_items.hpp"
#include "core/runtime/memory_claim.hpp"

namespace personalize::core {

ModelParts ContentModel::parts(const Ratings& ratings) const {
    ModelParts parts =
        parts_without_factors(ModelKind::content, rule, ratings, popularity, popular_order, seen.view());
    parts.seen_values = seen_values;
    parts.neighbours = features.view();
    parts.postings = postings.view();
    parts.terms = terms.view();
    return parts;
}

ContentModel train_content(Ratings& ratings, const FeedbackRule& rule, ItemFeatures features, int threads,
                           MemoryBudget& budget, Host& host) {
    ContentModel model;
    model.rule = rule;
    model.terms = std::move(features.terms);
    const UnitedItems places = unite_items(ratings, features.items.view(), budget, host);
    model.features = spread_rows(std::move(features.by_item), places.others, ratings.items.size());
    budget.reserve(sparse_matrix_memory(model.terms.size(), model.features.nonzeros()), "the lists of terms");
    MemoryClaim sorting(&budget, "the lists of terms");
    sorting.add(transpose_memory(model.features));
    model.postings = transpose(model.features, threads, host);
    model.seen = SeenItemsList(ratings.by_user, budget, host);
    model.seen_values = lay_out_values(ratings.by_user, model.seen.view(), budget);
    model.popularity = count_popularity(ratings.by_user, rule.feedback);
    model.popular_order = order_by_popularity(model.popularity);
    return model;
}

}  // namespace personalize::core
