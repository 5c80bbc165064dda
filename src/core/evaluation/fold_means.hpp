// What the rounds of a cross-validation say together.
#pragma once

#include <span>
#include <vector>

#include "core/evaluation/evaluate.hpp"

namespace personalize::core {

// Each figure's mean over the rounds where it is defined; its standard error is that between rounds
// (undefined for one round), users and ratings add up. The rounds have the same figures in the same order;
// there is one at least.
std::vector<Measure> fold_means(std::span<const Evaluation> folds);

}  // namespace personalize::core
