#include "pg/sources/source_relation.hpp"

#include "pg/bridge/catalog.hpp"

namespace personalize::pg {

namespace {

// Tables run no code of their owner's when they are read, unlike views.
bool trusts_relation(Oid relation) {
    if (!superuser()) return true;
    const HeapTuple row = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    if (!HeapTupleIsValid(row)) return false;
    const auto* form = reinterpret_cast<Form_pg_class>(GETSTRUCT(row));
    const bool is_stored = form->relkind == RELKIND_RELATION || form->relkind == RELKIND_PARTITIONED_TABLE ||
                           form->relkind == RELKIND_MATVIEW;
    const Oid owner = form->relowner;
    ReleaseSysCache(row);
    return is_stored || superuser_arg(owner);
}

}  // namespace

bool trusts(const NameData& owner) {
    const Oid role = get_role_oid(NameStr(owner), true);
    return !superuser() || (OidIsValid(role) && superuser_arg(role));
}

Oid source_relation(const Source& source, const NameData& owner) {
    if (!trusts(owner)) return InvalidOid;
    const Oid schema = get_namespace_oid(source.schema.c_str(), true);
    if (!OidIsValid(schema) || isOtherTempNamespace(schema) || !may_use_schema(schema, GetUserId()))
        return InvalidOid;
    const Oid relation = get_relname_relid(source.relation.c_str(), schema);
    return OidIsValid(relation) && trusts_relation(relation) ? relation : InvalidOid;
}

bool is_gone(const Source& source) {
    const Oid schema = get_namespace_oid(source.schema.c_str(), true);
    if (!OidIsValid(schema)) return true;
    return !isOtherTempNamespace(schema) && may_use_schema(schema, GetUserId()) &&
           !OidIsValid(get_relname_relid(source.relation.c_str(), schema));
}

}  // namespace personalize::pg
