// What is recommended to those of whose taste nothing is known.
#pragma once

#include <cstdint>
#include <vector>

#include "core/model/model_image.hpp"
#include "core/ranking/top_k.hpp"

namespace personalize::core {

// Whether a user's stored factors say anything: they are all zero where nothing was liked.
bool tells_taste(FactorsView users, std::int64_t user) noexcept;

// The n most popular items, with their popularity as score. Items in `excluded` (may be null) are left out;
// `candidates`, indexes in any order, restrict the choice (null: all items).
std::vector<Scored> most_popular(const ModelParts& parts, const ItemSet* excluded, int n,
                                 const std::vector<std::int32_t>* candidates);

}  // namespace personalize::core
