// What is recommended to those of whose taste nothing is known.
#pragma once

#include <cstdint>
#include <vector>

#include "core/model/model_image.hpp"
#include "core/ranking/top_k.hpp"
#include "core/ratings/ratings.hpp"

namespace personalize::core {

// The n most popular items, with their popularity as score. Items in `excluded` (may be null) are left out;
// `candidates`, indexes in any order, restrict the choice (null: all items).
std::vector<Scored> most_popular(const ModelParts& parts, const ItemSet* excluded, int n,
                                 const std::vector<std::int32_t>* candidates);

// The n items of the model that are most popular among the users of `ratings`, counted as the model counts
// popularity, with that number as score. Equally popular ones are in the order of everyone's popularity, so
// that what nobody of them chose follows, with score 0. Items that the model does not know are passed over.
// The ratings become encoded (feedback.hpp). Throws CorruptModel where a hybrid cannot be opened.
std::vector<Scored> most_popular_among(const ModelParts& parts, Ratings& ratings, int n);

}  // namespace personalize::core
