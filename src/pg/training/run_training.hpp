// A trainer's SQL function, from reading the ratings to the new active version.
#pragma once

#include "pg/training/ratings_training.hpp"
#include "pg/training/trainer.hpp"

namespace personalize::pg {

TrainingSummary run_training(const Trainer& trainer);

}  // namespace personalize::pg
