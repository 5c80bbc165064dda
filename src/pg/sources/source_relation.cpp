#include "pg/sources/source_relation.hpp"

#include <exception>

#include "pg/bridge/catalog.hpp"

namespace personalize::pg {

namespace {

Oid owner_of(Oid relation) {
    const HeapTuple row = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    if (!HeapTupleIsValid(row)) return InvalidOid;
    const Oid owner = reinterpret_cast<Form_pg_class>(GETSTRUCT(row))->relowner;
    ReleaseSysCache(row);
    return owner;
}

bool is_stored(Oid relation) {
    const char kind = get_rel_relkind(relation);
    return kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE || kind == RELKIND_MATVIEW;
}

// Reading what is stored runs little of its owner's code, and AsReader runs that as the owner.
bool trusts_relation(Oid relation) {
    return !superuser() || is_stored(relation) || superuser_arg(owner_of(relation));
}

Oid named(const Source& source) {
    const Oid schema = get_namespace_oid(source.schema.c_str(), true);
    if (!OidIsValid(schema) || isOtherTempNamespace(schema) || !may_use_schema(schema, GetUserId()))
        return InvalidOid;
    return get_relname_relid(source.relation.c_str(), schema);
}

bool may_read_some(Oid relation) {
    return pg_class_aclcheck(relation, GetUserId(), ACL_SELECT) == ACLCHECK_OK ||
           pg_attribute_aclcheck_all(relation, GetUserId(), ACL_SELECT, ACLMASK_ANY) == ACLCHECK_OK;
}

}  // namespace

bool trusts(const NameData& owner) {
    const Oid role = get_role_oid(NameStr(owner), true);
    return !superuser() || (OidIsValid(role) && superuser_arg(role));
}

Oid source_relation(const Source& source, const NameData& owner) {
    if (!trusts(owner)) return InvalidOid;
    Oid relation = named(source);
    while (OidIsValid(relation) && may_read_some(relation)) {
        LockRelationOid(relation, AccessShareLock);
        const Oid locked = relation;
        relation = named(source);
        if (relation == locked) break;
        UnlockRelationOid(locked, AccessShareLock);
    }
    return OidIsValid(relation) && trusts_relation(relation) ? relation : InvalidOid;
}

bool is_gone(const Source& source) {
    const Oid schema = get_namespace_oid(source.schema.c_str(), true);
    if (!OidIsValid(schema)) return true;
    return !isOtherTempNamespace(schema) && may_use_schema(schema, GetUserId()) &&
           !OidIsValid(get_relname_relid(source.relation.c_str(), schema));
}

Oid reader_of(Oid relation) {
    if (!superuser()) return GetUserId();
    const Oid owner = owner_of(relation);
    return OidIsValid(owner) && !superuser_arg(owner) ? owner : GetUserId();
}

AsReader::AsReader(Oid relation) : exceptions_(std::uncaught_exceptions()) {
    const Oid reader = call([relation] { return reader_of(relation); });
    GetUserIdAndSecContext(&user_, &context_);
    if (reader == user_) return;
    SetUserIdAndSecContext(reader, context_ | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
    settings_ = NewGUCNestLevel();
}

// Where an error ends it, settings are put back with the transaction.
AsReader::~AsReader() {
    if (settings_ == 0) return;
    if (std::uncaught_exceptions() == exceptions_) AtEOXact_GUC(false, settings_);
    SetUserIdAndSecContext(user_, context_);
}

}  // namespace personalize::pg
