// Changes of the model tables. All run inside the caller's transaction: nothing is seen before it commits.
#pragma once

#include <cstdint>
#include <string>

#include "core/model/model_image.hpp"
#include "pg/model_store/version_row.hpp"

namespace personalize::pg {

struct NewVersion {
    std::string model;
    std::string algorithm;
    Source source;
    std::int64_t ratings = 0, skipped = 0, merged = 0;
    std::string options, metrics;  // JSON
    double train_seconds = 0;
};

// Throws read_only_sql_transaction on a standby and in a read-only transaction: "cannot execute `what` ...".
void forbid_where_read_only(const char* what);

// 1 to 128 bytes, else invalid_parameter_value.
void check_model_name(const std::string& model);

// Claims the model for this transaction (locks.hpp) and checks that the current user owns it or that it is
// new.
void claim_for_training(const std::string& model);

// The owner of a model that is claimed, or, where there is none yet, who it will belong to.
std::string owner_of(const std::string& model);

// Writes a version, makes it the active one and drops versions beyond personalize.keep_versions. Returns its
// number.
int save_version(const NewVersion& version, const core::ModelParts& parts, const core::ModelBytes& image);

// For the model's owner; each claims the model first.
void drop_model(const std::string& model);
void activate_version(const std::string& model, int version);
void grant_model(const std::string& model, const std::string& role);
void revoke_model(const std::string& model, const std::string& role);

}  // namespace personalize::pg
