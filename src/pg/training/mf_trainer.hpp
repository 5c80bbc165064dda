// Trains matrix factorizations with the time, memory and progress of a RatingsWork.
#pragma once

#include "core/model/mf_model.hpp"
#include "pg/training/mf_request.hpp"
#include "pg/training/ratings_training.hpp"
#include "pg/training/trainer.hpp"

namespace personalize::pg {

// items: a table whose unrated items the model gets, too; null: none.
std::unique_ptr<FittedModel> fit_mf(core::Ratings ratings, const core::MfOptions& options, RatingsWork& work,
                                    const ItemTable* items = nullptr);

inline std::unique_ptr<FittedModel> fit_model(core::Ratings ratings, const MfRequest& request,
                                              RatingsWork& work) {
    return fit_mf(std::move(ratings), request.options, work, request.items ? &*request.items : nullptr);
}

}  // namespace personalize::pg
