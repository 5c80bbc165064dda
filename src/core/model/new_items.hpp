// Items that nobody has rated in models of factors.
#pragma once

#include "core/content/item_features.hpp"
#include "core/model/mf_model.hpp"
#include "core/ratings/ratings.hpp"

namespace personalize::core {

// Adds the items of the features to a model of these ratings (encoded), trained by any solver but Gibbs
// sampling: those that are not rated get the factors (and the bias) that attribute_factors.hpp expects of
// them. Users and rated items stay what they are, to the bit, and users are folded in to rated items only.
// The ratings get the items, too. What it takes is claimed from `budget`; what the model and the ratings hold
// stays claimed. Throws MemoryLimitExceeded, what host.poll() throws.
void add_new_items(MfModel& model, Ratings& ratings, ItemFeatures features, MemoryBudget& budget, Host& host);

}  // namespace personalize::core
