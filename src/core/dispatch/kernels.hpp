// The code that is compiled once for each instruction set, as its callers see it. Only builds for any machine
// of a kind have it (the Makefile's KERNELS); elsewhere these functions are called directly.
#pragma once

#include "core/factorization/als.hpp"
#include "core/factorization/fold_in.hpp"
#include "core/factorization/gibbs.hpp"
#include "core/factorization/rating_posterior.hpp"
#include "core/factorization/sgd.hpp"
#include "core/neighbours/symmetric_inverse.hpp"
#include "core/ranking/item_index.hpp"
#include "core/ranking/top_k.hpp"
#include "core/segments/distance_sums.hpp"
#include "core/segments/nearest_centroid.hpp"
#include "core/segments/point_blocks.hpp"

namespace personalize::core {

// Entry points, in the order of their headers.
struct Kernels {
    decltype(&als::train) train_als;
    decltype(&als::memory) memory_of_als;
    decltype(&sgd::train) train_sgd;
    decltype(&sgd::memory) memory_of_sgd;
    decltype(&gibbs::train) train_gibbs;
    decltype(&gibbs::memory) memory_of_gibbs;
    void (*base_gram)(FactorsView, const Objective&, float*, int, Host&);
    decltype(&FoldIn::of) fold_in;
    decltype(&PosteriorFoldIn::of) posterior_fold_in;
    decltype(&PosteriorFoldIn::memory) memory_of_posterior_fold_in;
    decltype(&core::negative_inverse) negative_inverse;
    decltype(&core::build_item_index) build_item_index;
    void (*top_items_by_index)(FactorsView, const ItemIndexView&, const float*, float, const ItemSet*, int,
                               std::vector<Scored>&);
    decltype(&core::top_sums) top_sums;
    void (*top_items)(FactorsView, const float*, float, const ItemSet*, int, std::vector<Scored>&);
    decltype(&core::top_candidates) top_candidates;
    decltype(&core::score_all) score_all;
    decltype(&core::score) score;
    decltype(&core::top_items_for_all) top_items_for_all;
    decltype(&core::most_similar) most_similar;
    decltype(&core::assign_points) assign_points;
    decltype(&core::nearest_centroids) nearest_centroids;
    decltype(&core::distances_to_centroids) distances_to_centroids;
    decltype(&core::sum_potentials) sum_potentials;
    decltype(&core::take_seed) take_seed;
    decltype(&core::block_distances) block_distances;
    decltype(&core::near_in_block) near_in_block;
    decltype(&core::sum_distances) sum_distances;
};

}  // namespace personalize::core
