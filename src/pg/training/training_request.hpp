// What every trainer of a ratings table is asked for: where the ratings are, what they say, and what is held
// out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/ratings/feedback.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/model_store/version_row.hpp"
#include "pg/training/holdout_request.hpp"

namespace personalize::pg {

// Every trainer's SQL function begins with the same arguments (ratings, model, user_column, item_column,
// rating_column, feedback, positive_from, weighting), then has its own, and ends with the same (seed,
// on_duplicate, time_column, half_life, fold_in, holdout, split, split_from, k, refit; train_mf has those of
// a table of items behind).
inline constexpr int kFirstTrainerOption = 8, kTrainerTail = 10;

struct TrainingRequest {
    Oid relation;
    std::string model;
    Source source;
    core::Feedback feedback;
    core::Weighting weighting;
    std::optional<float> positive_from;  // implicit; none: every row is a like
    std::int64_t seed;
    std::optional<HoldoutRequest> holdout;
    bool refit;  // with a holdout: the model is trained on everything in the end
};

// `tail`: position of the seed. Throws null_value_not_allowed, and invalid_parameter_value for values out of
// range or that do not go together.
TrainingRequest parse_training_request(const Arguments& arguments, int tail);

// invalid_parameter_value: "`option` does not apply to `reason`".
[[noreturn]] void does_not_fit(const std::string& option, const std::string& reason, const std::string& hint);

// One of some names, as the enum whose values are their places.
template <typename Choice>
Choice choice(const Arguments& arguments, int position, const char* name,
              const std::vector<const char*>& names) {
    return static_cast<Choice>(one_of(arguments.text(position, name), name, names));
}
// As a JSON string.
template <typename Choice>
std::string json_name(const std::vector<const char*>& names, Choice choice) {
    return std::string(R"(")") + names[static_cast<std::size_t>(choice)] + '"';
}

// The beginning and the end of a JSON object with the options of a training; a trainer's own go between.
std::string feedback_json(const TrainingRequest& request);  // {"feedback": ...,
std::string reading_json(const TrainingRequest& request);   // , "seed": ..., "on_duplicate": ...}

}  // namespace personalize::pg
