// Compiled and linked with the kernels of one instruction set: PERSONALIZE_KERNELS, the only symbol of theirs
// that others see.
#include "core/dispatch/kernels.hpp"

using namespace personalize::core;

extern "C" constinit const Kernels PERSONALIZE_KERNELS{
    .train_als = als::train,
    .memory_of_als = als::memory,
    .train_sgd = sgd::train,
    .memory_of_sgd = sgd::memory,
    .base_gram = base_gram,
    .fold_in = FoldIn::of,
    .negative_inverse = negative_inverse,
    .build_item_index = build_item_index,
    .top_items_by_index = top_items,
    .top_items = top_items,
    .top_candidates = top_candidates,
    .score = score,
    .top_items_for_all = top_items_for_all,
    .most_similar = most_similar,
};
