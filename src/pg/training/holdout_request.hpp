// What is held out of a training, and how it is measured with it.
#pragma once

#include <optional>
#include <string>

#include "core/evaluation/evaluate.hpp"
#include "core/evaluation/split.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/model_store/version_row.hpp"

namespace personalize::pg {

inline constexpr int kMaxCandidates = 1'000'000;  // of one user in an evaluation
inline constexpr double kLeastShare = 1e-6;       // that can be held out, or left to train on

struct HoldoutRequest {
    core::SplitOptions split;
    std::optional<std::string> from;  // the moment of the split, as it was given
    core::EvaluationOptions evaluation;
};

// A split as SQL names it: 'random', 'leave_one_out', 'last' or 'time'; the share held out; the moment from
// which everything is, in the form of the time column's type.
struct SplitChoice {
    std::string method;
    std::optional<double> share;
    std::optional<std::string> from;
};

// Checks that they go together, and with the columns of the source. Throws invalid_parameter_value, and what
// the type of the time column says of `from`.
core::SplitOptions split_options(const SplitChoice& choice, Oid relation, const Source& source,
                                 std::int64_t seed);

// The lowest rating that is relevant; throws invalid_parameter_value where it is not finite.
std::optional<float> relevant_from_argument(const Arguments& arguments, int position);

// Whether a split looks at times.
bool needs_times(const core::SplitOptions& split, const Source& source) noexcept;

// What was held out: {"split": ..., "holdout": ...}
std::string split_json(const HoldoutRequest& holdout);

// The figures of an evaluation by name: {"ndcg": {"value": ..., "standard_error": ..., "popularity": ...},
// ...}
std::string measures_json(const core::Evaluation& evaluation);

// Where recommending what is popular, or predicting the mean rating, does better. is_tuned: by tune_mf.
void warn_of_popularity(const std::string& model, const core::Measure& measure, bool is_tuned);

}  // namespace personalize::pg
