// The relation that a model was trained on, when it is read again.
#pragma once

#include "pg/bridge/role_switch.hpp"
#include "pg/model_store/version_row.hpp"

namespace personalize::pg {

class LoadedModel;

// Reading a source runs what its owner put there: functions of a view, casts of a column's type. They run as
// the reader, and a superuser is one for models of superusers only. Both: use inside call().
bool trusts(const NameData& owner);
// InvalidOid where it is gone, where the current user may not use its schema, and where a superuser does not
// trust the model's owner, or finds another role's view in the place, or a table that its owner may not read
// all of. It keeps its name and columns until the transaction ends, if the current user may read any of it.
Oid source_relation(const Source& source, const NameData& owner);
// The same of a model, outside call(). Throws undefined_table where it cannot be read; the hint is the
// remedy.
Oid readable_source(const LoadedModel& model, const char* remedy);
// Whether the current user could see it if it were there, and it is not. A PostgreSQL call: use inside
// call().
bool is_gone(const Source& source);

// Who reads a source that a model names: the current user, but in the place of a superuser its owner, whose
// functions may be in its indexes. Use inside call().
Oid reader_of(Oid relation);

// Calls body(), which runs queries on the relation and nothing else, with the rights of reader_of(); what
// settings a function of the owner's changes meanwhile is undone.
template <typename Body>
void as_reader(Oid relation, const Body& body) {
    const Oid reader = call([relation] { return reader_of(relation); });
    if (reader == GetUserId()) return body();
    const RoleSwitch rights(reader);
    const int settings = NewGUCNestLevel();  // an error ends it with the transaction
    body();
    call([settings] { AtEOXact_GUC(false, settings); });
}

}  // namespace personalize::pg
