// What train_mf is asked for: its arguments, checked, and as the options of a model.
#pragma once

#include <string>

#include "core/model/mf_model.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/model_store/version_row.hpp"
#include "pg/training/holdout_request.hpp"

namespace personalize::pg {

// Positions of the arguments of train_mf, with which those of tune_mf begin, too.
enum MfArgument {
    kMfRatings,
    kMfModel,
    kMfUserColumn,
    kMfItemColumn,
    kMfRatingColumn,
    kMfFeedback,
    kMfPositiveFrom,
    kMfWeighting,
    kMfFactors,
    kMfIterations,
    kMfRegularization,
    kMfUnobservedWeight,
    kMfSolver,
    kMfLearningRate,
    kMfTolerance,
    kMfSeed,
    kMfOnDuplicate,
    kMfTimeColumn,
    kMfFoldIn,
    kMfHoldout,
    kMfSplit,
    kMfSplitFrom,
    kMfK,
    kMfRefit,
    kMfArguments
};

struct MfRequest {
    Oid relation;
    std::string model;
    Source source;
    core::MfOptions options;
    std::optional<HoldoutRequest> holdout;
    bool refit;  // with a holdout: the model is trained on everything in the end
};

// Throws null_value_not_allowed, and invalid_parameter_value for values out of range or that do not go
// together.
MfRequest parse_mf_request(const Arguments& arguments);

// Completed options as JSON.
std::string options_json(const core::MfOptions& options, core::OnDuplicate on_duplicate);

}  // namespace personalize::pg
