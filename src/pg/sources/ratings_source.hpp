// The relation that a training reads: checked once, read once.
#pragma once

#include <cstdint>
#include <string>

#include "core/ratings/ratings.hpp"
#include "core/runtime/host.hpp"
#include "core/runtime/memory_budget.hpp"
#include "pg/bridge/progress.hpp"
#include "pg/model_store/version_row.hpp"

namespace personalize::pg {

struct RatingsSource {
    Oid relation;
    Source columns;  // on_duplicate and fold_in are the caller's
    core::IdType user_type, item_type;
};

struct RowCounts {
    std::int64_t read = 0;
    std::int64_t skipped = 0;  // a NULL id, a NULL or NaN rating
};

// Completes `columns` (the names are given) with the relation's name and types. Throws wrong_object_type,
// undefined_column, datatype_mismatch.
RatingsSource describe_source(Oid relation, Source columns);

// Reads all rows as the current user; with `users` only theirs are taken and counted. progress: may be null.
// Throws invalid_parameter_value for an infinite rating.
RowCounts read_ratings(const RatingsSource& source, core::RatingsBuilder& builder, ProgressSlot* progress,
                       const core::IdView* users = nullptr);

// A CREATE INDEX that recommend_for would profit from; empty where there is such an index, or none can be
// made.
std::string missing_index(const RatingsSource& source);

}  // namespace personalize::pg
