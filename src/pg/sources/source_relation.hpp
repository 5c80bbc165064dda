// The relation that a model was trained on, when it is read again.
#pragma once

#include "pg/model_store/version_row.hpp"

namespace personalize::pg {

// Reading a source runs what its owner put there (functions of a view, casts of a column's type) as the
// current user: a superuser does so for models of superusers only. Both: use inside call().
bool trusts(const NameData& owner);
// InvalidOid where it is gone, where the current user may not use its schema, or trusts neither the model's
// owner nor who has made a view of the relation's name since.
Oid source_relation(const Source& source, const NameData& owner);
// Whether the current user could see it if it were there, and it is not. A PostgreSQL call: use inside
// call().
bool is_gone(const Source& source);

}  // namespace personalize::pg
