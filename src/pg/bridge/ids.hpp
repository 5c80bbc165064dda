// Ids between SQL and the core: bigint, uuid and text.
#pragma once

#include <optional>
#include <string>

#include "core/ratings/ids.hpp"
#include "pg/bridge/guard.hpp"

namespace personalize::pg {

const char* type_name(core::IdType type);                 // 'bigint', 'uuid', 'text'
std::optional<core::IdType> id_type_of_column(Oid type);  // smallint, integer, bigint, uuid, text, varchar
std::optional<core::IdType> id_type_of_result(Oid type);  // bigint, uuid, text

// An SQL value as an id of a model's type. Text serves every model: it is converted, with
// invalid_text_representation if it does not fit. `what` is "user" or "item" in messages. The bytes of the id
// live in the current memory context. Other mismatches are datatype_mismatch.
core::Id id_from_datum(Datum value, Oid type, core::IdType model_type, const char* what);

// An SQL value of any type that an id can have (id_type_of_column(), or a domain over one), as it is. Other
// types are datatype_mismatch; `what` as above.
core::Id id_of_any(Datum value, Oid type, const char* what);

// Whether ids of a model's type can be returned as an SQL type: the same type, or text.
bool can_return_id(core::IdType model_type, Oid type);
// Allocates in the current memory context; a PostgreSQL call: use inside call().
Datum id_to_datum(const core::Id& id, Oid type);

}  // namespace personalize::pg
