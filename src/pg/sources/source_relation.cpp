#include "pg/sources/source_relation.hpp"

#include "pg/bridge/catalog.hpp"
#include "pg/model_store/loaded_model.hpp"

namespace personalize::pg {

namespace {

struct Owned {
    Oid owner = InvalidOid, schema = InvalidOid;
    bool is_stored = false;   // runs no code but of its columns and indexes
    bool hides_rows = false;  // from its owner, too
};

Owned owned(Oid relation) {
    const HeapTuple row = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    if (!HeapTupleIsValid(row)) return {};
    const auto* form = reinterpret_cast<Form_pg_class>(GETSTRUCT(row));
    const char kind = form->relkind;
    const Owned result = {
        form->relowner, form->relnamespace,
        kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE || kind == RELKIND_MATVIEW,
        form->relrowsecurity && form->relforcerowsecurity};
    ReleaseSysCache(row);
    return result;
}

bool may_read_some(Oid relation, Oid role) {
    return pg_class_aclcheck(relation, role, ACL_SELECT) == ACLCHECK_OK ||
           pg_attribute_aclcheck_all(relation, role, ACL_SELECT, ACLMASK_ANY) == ACLCHECK_OK;
}

// A superuser reads what another role's table stores as that role, and nothing else that is another role's.
bool trusts_relation(Oid relation) {
    if (!superuser()) return true;
    const Owned of = owned(relation);
    if (!OidIsValid(of.owner)) return false;
    return superuser_arg(of.owner) ||
           (of.is_stored && !of.hides_rows && may_use_schema(of.schema, of.owner) &&
            may_read_some(relation, of.owner));
}

Oid named(const Source& source) {
    const Oid schema = get_namespace_oid(source.schema.c_str(), true);
    if (!OidIsValid(schema) || isOtherTempNamespace(schema) || !may_use_schema(schema, GetUserId()))
        return InvalidOid;
    const Oid relation = get_relname_relid(source.relation.c_str(), schema);
    return OidIsValid(relation) && has_rows(relation) ? relation : InvalidOid;
}

}  // namespace

bool trusts(const NameData& owner) {
    const Oid role = get_role_oid(NameStr(owner), true);
    return !superuser() || (OidIsValid(role) && superuser_arg(role));
}

Oid source_relation(const Source& source, const NameData& owner) {
    if (!trusts(owner)) return InvalidOid;
    Oid relation = named(source);
    while (OidIsValid(relation) && may_read_some(relation, GetUserId())) {
        LockRelationOid(relation, AccessShareLock);
        const Oid locked = relation;
        relation = named(source);
        if (relation == locked) break;
        UnlockRelationOid(locked, AccessShareLock);
    }
    return OidIsValid(relation) && trusts_relation(relation) ? relation : InvalidOid;
}

Oid readable_source(const LoadedModel& model, const char* remedy) {
    const Oid relation = call([&model] { return source_relation(model.source(), model.row().owner); });
    if (OidIsValid(relation)) return relation;
    throw SqlError(ERRCODE_UNDEFINED_TABLE,
                   "the source of model \"" + model.name() + "\" cannot be read: " + model.source().schema +
                       "." + model.source().relation,
                   remedy);
}

bool is_gone(const Source& source) {
    const Oid schema = get_namespace_oid(source.schema.c_str(), true);
    if (!OidIsValid(schema)) return true;
    return !isOtherTempNamespace(schema) && may_use_schema(schema, GetUserId()) && !OidIsValid(named(source));
}

Oid reader_of(Oid relation) {
    if (!superuser()) return GetUserId();
    const Oid owner = owned(relation).owner;
    return OidIsValid(owner) && !superuser_arg(owner) ? owner : GetUserId();
}

}  // namespace personalize::pg
