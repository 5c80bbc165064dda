// Compiled and linked with the kernels of one instruction set: PERSONALIZE_KERNELS, the only symbol of theirs
// that others see.
#include "core/dispatch/kernels.hpp"

using namespace personalize::core;

extern "C" constinit const Kernels PERSONALIZE_KERNELS{
    .train_als = als::train,
    .memory_of_als = als::memory,
    .train_sgd = sgd::train,
    .memory_of_sgd = sgd::memory,
    .train_gibbs = gibbs::train,
    .memory_of_gibbs = gibbs::memory,
    .base_gram = base_gram,
    .fold_in = FoldIn::of,
    .posterior_fold_in = PosteriorFoldIn::of,
    .memory_of_posterior_fold_in = PosteriorFoldIn::memory,
    .negative_inverse = negative_inverse,
    .build_item_index = build_item_index,
    .top_items_by_index = top_items,
    .top_sums = top_sums,
    .top_items = top_items,
    .top_candidates = top_candidates,
    .score_all = score_all,
    .score = score,
    .top_items_for_all = top_items_for_all,
    .most_similar = most_similar,
    .assign_points = assign_points,
    .nearest_centroids = nearest_centroids,
    .distances_to_centroids = distances_to_centroids,
    .sum_potentials = sum_potentials,
    .take_seed = take_seed,
    .block_distances = block_distances,
    .near_in_block = near_in_block,
    .sum_distances = sum_distances,
};
