// The table that a model of segments was trained on, whose rows have keys.
#pragma once

#include "core/ratings/ids.hpp"
#include "core/runtime/memory_budget.hpp"
#include "pg/model_store/loaded_model.hpp"

namespace personalize::pg {

// The table, where it can be read. Throws object_not_in_prerequisite_state where the training named no key,
// and undefined_table.
Oid keyed_source(const LoadedModel& segments);

// The type of its key now. Throws undefined_column, datatype_mismatch.
core::IdType key_type(const LoadedModel& segments, Oid relation);

// The keys of the rows that are now in a segment, from 0; read as the current user. keys: of the type that
// keyed_source() has now. They stay claimed from the budget. Throws undefined_column, datatype_mismatch.
core::IdList keys_in_segment(LoadedModel& segments, int segment, core::MemoryBudget& budget);

}  // namespace personalize::pg
