// What is recommended to those of whose taste nothing is known.
#pragma once

#include <cstdint>
#include <vector>

#include "core/model/model_image.hpp"
#include "core/ranking/top_k.hpp"

namespace personalize::core {

// The n most popular items, with their popularity as score. Items in `excluded` (may be null) are left out;
// `candidates`, indexes in any order, restrict the choice (null: all items).
std::vector<Scored> most_popular(const ModelParts& parts, const ItemSet* excluded, int n,
                                 const std::vector<std::int32_t>* candidates);

}  // namespace personalize::core
