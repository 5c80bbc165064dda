// The relation that a model was trained on, when it is read again.
#pragma once

#include "pg/model_store/version_row.hpp"

namespace personalize::pg {

// Reading a source runs what its owner put there (functions of a view, casts of a column's type) as the
// current user: a superuser does so for models of superusers only. Both: use inside call().
bool trusts(const NameData& owner);
// InvalidOid where it is gone, where the current user may not use its schema, or trusts neither the model's
// owner nor who has made a view of the relation's name since. It keeps its name and columns until the
// transaction ends, if the current user may read any of it.
Oid source_relation(const Source& source, const NameData& owner);
// Whether the current user could see it if it were there, and it is not. A PostgreSQL call: use inside
// call().
bool is_gone(const Source& source);

// Who reads a source that a model names: the current user, but in the place of a superuser its owner, whose
// functions may be in its indexes. Use inside call().
Oid reader_of(Oid relation);

// While it lives the current user is reader_of(), restricted as in maintenance where that is another role;
// what settings a function changes meanwhile is undone.
class AsReader {
  public:
    explicit AsReader(Oid relation);
    ~AsReader();
    AsReader(const AsReader&) = delete;
    AsReader& operator=(const AsReader&) = delete;

  private:
    Oid user_;
    int context_, settings_ = 0;
    const int exceptions_;
};

}  // namespace personalize::pg
