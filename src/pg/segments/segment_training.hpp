// What train_kmeans and train_dbscan do around their algorithm: claim the model, read, show progress, save
// the version.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/segments/train_segments.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/pg_host.hpp"
#include "pg/sources/feature_rows.hpp"

namespace personalize::pg {

// Where the features are, and how they are read.
struct FeatureRequest {
    Oid relation;
    std::vector<sources::Feature> columns;
    core::FeatureScaling scaling;
    core::MissingValues missing;
};

// The arguments data, features, and from `options` on scale and missing. features NULL: all columns but the
// key. Throws undefined_column, datatype_mismatch, and invalid_parameter_value.
FeatureRequest parse_feature_request(const Arguments& arguments, int options,
                                     const std::optional<std::string>& key);

// A relation's features in memory, and the time and progress of what is done with them.
class SegmentWork {
  public:
    // Claims the model. Throws where nothing can be written, the model is another's, or the key is no id.
    SegmentWork(const std::string& model, FeatureRequest request, std::optional<std::string> key);

    core::FeatureTable read();
    core::Host& host() noexcept { return host_; }
    core::MemoryBudget& budget() noexcept { return budget_; }

    // Writes the version. options: members of a JSON object, to which those of the features are added.
    // Returns a row of personalize.segment_training.
    Datum save(FunctionCallInfo fcinfo, const core::SegmentTraining& training, const std::string& options);

  private:
    std::string features_json() const;
    double seconds() const;

    const std::string model_;
    const FeatureRequest request_;
    const std::optional<std::string> key_;
    ProgressSlot progress_;
    PgHost host_;
    core::MemoryBudget budget_;
    core::MemoryClaim table_;
    const std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

// By the arguments of a trainer: its features, and where the name of the model, the scaling and the key are.
// `scaling` becomes what they say.
SegmentWork segment_work(const Arguments& arguments, int model, int scale, int key,
                         core::FeatureScaling& scaling);

}  // namespace personalize::pg
