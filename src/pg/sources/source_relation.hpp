// The relation that a model was trained on, when it is read again.
#pragma once

#include "pg/model_store/version_row.hpp"

namespace personalize::pg {

// InvalidOid where it is gone, where the current user may not use its schema, or where the current user is a
// superuser and the model's owner is none: reading a source runs what its owner put there (functions of a
// view, casts of a column's type) as the current user. A PostgreSQL call: use inside call().
Oid source_relation(const Source& source, const NameData& owner);

}  // namespace personalize::pg
