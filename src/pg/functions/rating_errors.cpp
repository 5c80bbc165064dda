// The aggregates rmse and mae. Their state is {count, scale, sum}.
#include "core/evaluation/rating_errors.hpp"

#include "pg/bridge/sums_aggregate.hpp"

using namespace personalize::pg;
using personalize::core::AbsoluteErrors;
using personalize::core::SquaredErrors;

PERSONALIZE_FUNCTION(rmse_accumulate) { return accumulate<SquaredErrors>(fcinfo, "rmse"); }
PERSONALIZE_FUNCTION(rmse_combine) { return combine<SquaredErrors>(fcinfo, "rmse"); }
PERSONALIZE_FUNCTION(rmse_result) {
    return finish<SquaredErrors>(fcinfo, "rmse", [](const auto& errors) { return errors.mean(); });
}

PERSONALIZE_FUNCTION(mae_accumulate) { return accumulate<AbsoluteErrors>(fcinfo, "mae"); }
PERSONALIZE_FUNCTION(mae_combine) { return combine<AbsoluteErrors>(fcinfo, "mae"); }
PERSONALIZE_FUNCTION(mae_result) {
    return finish<AbsoluteErrors>(fcinfo, "mae", [](const auto& errors) { return errors.mean(); });
}
