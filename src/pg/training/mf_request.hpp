// What train_mf is asked for: its arguments, checked, and as the options of a model.
#pragma once

#include <optional>
#include <string>

#include "core/model/mf_model.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/sources/item_table.hpp"
#include "pg/training/training_request.hpp"

namespace personalize::pg {

// Positions of the arguments of train_mf, with which those of tune_mf begin, too.
enum MfArgument {
    kMfFactors = kFirstTrainerOption,
    kMfIterations,
    kMfRegularization,
    kMfUnobservedWeight,
    kMfSolver,
    kMfLearningRate,
    kMfTolerance,
    kMfTail,
    kMfHoldout = kMfTail + 5,
    kMfSplit,
    kMfSplitFrom,
    kMfK,
    kMfRefit,
    kMfItems,  // train_mf only
    kMfArguments = kMfItems + kItemTableArguments
};

struct MfRequest : TrainingRequest {
    core::MfOptions options;
    std::optional<ItemTable> items;
};

// Throws null_value_not_allowed, and invalid_parameter_value for values out of range or that do not go
// together.
MfRequest parse_mf_request(const Arguments& arguments);

// Completed options of such a request as JSON. `more`: further members, with a comma before each.
std::string options_json(const TrainingRequest& request, const core::MfOptions& options,
                         const std::string& more = "");

}  // namespace personalize::pg
