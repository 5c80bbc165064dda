// One user's score for one item.
#pragma once

#include <cstdint>
#include <optional>

#include "core/model/model_image.hpp"

namespace personalize::core {

// `user` is a row of factors, or null for a user of whom nothing is known; `item` an index or
// IdView::kNotFound. Implicit: x_u.y_i, nothing where user or item is unknown. Explicit: mean + b_u + b_i +
// x_u.y_i, within the range of the ratings seen at training; what is unknown contributes nothing.
std::optional<float> predict(const ModelParts& parts, const float* user, std::int32_t item) noexcept;

}  // namespace personalize::core
