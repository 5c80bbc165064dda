// Items as arguments and as results of SQL functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pg/model_store/loaded_model.hpp"

namespace personalize::pg {

// Index of an item, or IdView::kNotFound.
std::int32_t item_index(const LoadedModel& model, Datum value, Oid type);

// Indexes of the items of an array; NULL elements and items that the model does not know are passed over.
std::vector<std::int32_t> item_indexes(const LoadedModel& model, Datum array, Oid array_type);

// Throws datatype_mismatch unless ids of the model can be returned as `type`. The hint is the call that does:
// `before`, a witness of the right type, `after`.
void check_item_result(const LoadedModel& model, Oid type, const std::string& before,
                       const std::string& after);
void check_user_result(const LoadedModel& model, Oid type, const std::string& before,
                       const std::string& after);
std::string witness(personalize::core::IdType type);  // NULL::bigint

}  // namespace personalize::pg
