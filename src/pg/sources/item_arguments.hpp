// Items as arguments and as results of SQL functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pg/bridge/ids.hpp"
#include "pg/model_store/loaded_model.hpp"

namespace personalize::pg {

// Index of an item, or IdView::kNotFound.
std::int32_t item_index(const LoadedModel& model, Datum value, Oid type);

// Indexes of the items of an array; NULL elements and items that the model does not know are passed over.
std::vector<std::int32_t> item_indexes(const LoadedModel& model, Datum array, Oid array_type);

[[noreturn]] void wrong_result(const LoadedModel& model, const char* what, core::IdType model_type, Oid type,
                               const std::string& right_call);

// Throws datatype_mismatch unless ids of the model can be returned as `type`. The hint is right_call(), a
// call that can.
template <typename RightCall>
void check_item_result(const LoadedModel& model, Oid type, RightCall right_call) {
    const core::IdType items = model.parts().items.type();
    if (!can_return_id(items, type)) wrong_result(model, "item", items, type, right_call());
}
template <typename RightCall>
void check_user_result(const LoadedModel& model, Oid type, RightCall right_call) {
    const core::IdType users = model.parts().users.type();
    if (!can_return_id(users, type)) wrong_result(model, "user", users, type, right_call());
}
std::string witness(core::IdType type);             // NULL::bigint
std::string quoted_name(const LoadedModel& model);  // as an SQL literal

}  // namespace personalize::pg
