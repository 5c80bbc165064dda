// The weights with which a hybrid does best on held-out ratings.
#pragma once

#include <cstdint>
#include <vector>

#include "core/evaluation/evaluate.hpp"
#include "core/model/model_image.hpp"
#include "core/ratings/ratings.hpp"
#include "core/runtime/host.hpp"

namespace personalize::core {

struct BlendChoice {
    std::vector<float> weights;  // of each component, adding up to 1; 0: it is no help
    const char* metric;          // "ndcg", or "rmse" where all components predict ratings
    double value;                // of the blend
    std::vector<double> alone;   // of each component
    std::int64_t users = 0;      // that it was measured on
};

// Tries the weights of a grid, of tenths for two or three components and coarser for more (at most 100
// points), and takes the best mean NDCG@k over the test users with a taste and something relevant, or the
// least RMSE of their ratings; of equal ones the first in lexical order of the weights, greatest first.
// `hybrid` is an opened one, none of whose components was trained on `test`. The same for any number of
// threads. Throws InvalidInput where no test user is left, what host.poll() throws.
BlendChoice choose_weights(const ModelParts& hybrid, const Ratings& test, const EvaluationOptions& options,
                           Host& host);

// Every way to divide 1 among `components` in such steps.
std::vector<std::vector<float>> weight_grid(std::size_t components);

// Bytes that choose_weights() takes.
std::size_t choose_weights_memory(const ModelParts& hybrid, const Ratings& test,
                                  const EvaluationOptions& options);

}  // namespace personalize::core
