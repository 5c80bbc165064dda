// The rows of personalize.model, read under the snapshot of the running statement, and who may use them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "core/ratings/ids.hpp"
#include "core/ratings/ratings.hpp"
#include "pg/bridge/guard.hpp"

namespace personalize::pg {

// Random, so that a cache file can never be mistaken for another version's.
using VersionId = std::array<std::uint8_t, UUID_LEN>;

// Plain data, read on every call.
struct VersionRow {
    VersionId id;
    int version;
    NameData owner;
    std::int64_t image_bytes;
    std::uint64_t image_checksum;
    std::int64_t users, items;
};

// Where a model's ratings came from, and how to read one user's again.
struct Source {
    std::string schema, relation;
    std::string user_column, item_column;
    std::optional<std::string> rating_column;  // none: every row counts 1
    std::optional<std::string> time_column;
    core::OnDuplicate on_duplicate = core::OnDuplicate::sum;
    double half_life = 0;  // of a training; the model's image keeps it
    bool fold_in = true;   // false: serve what was stored at training
};

// What a model is wanted for: hints name those that serve it.
enum class Purpose { any, recommending, segments };

// The active version of a model that the current user may use. Throws undefined_object, with the list of the
// user's models as hint, and insufficient_privilege.
VersionRow usable_version(const std::string& model, Purpose purpose);
// The same for those who change it and have claimed it (locks.hpp): its owner only, and as it is now. Nothing
// where there is no such model.
std::optional<VersionRow> own_version(const std::string& model);
// The same for the planner's estimates: nothing instead of an error. A PostgreSQL call: use inside call().
const VersionRow* estimate_version(const char* model);

// Of the active version of a model.
Source read_source(const std::string& model, const VersionId& id);

[[noreturn]] void no_such_model(const std::string& model, Purpose purpose = Purpose::any);

}  // namespace personalize::pg
