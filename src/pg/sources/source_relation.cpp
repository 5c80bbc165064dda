#include "pg/sources/source_relation.hpp"

#include "pg/bridge/catalog.hpp"

namespace personalize::pg {

bool trusts(const NameData& owner) {
    const Oid role = get_role_oid(NameStr(owner), true);
    return !superuser() || (OidIsValid(role) && superuser_arg(role));
}

Oid source_relation(const Source& source, const NameData& owner) {
    if (!trusts(owner)) return InvalidOid;
    const Oid schema = get_namespace_oid(source.schema.c_str(), true);
    if (!OidIsValid(schema) || isOtherTempNamespace(schema) || !may_use_schema(schema, GetUserId()))
        return InvalidOid;
    return get_relname_relid(source.relation.c_str(), schema);
}

}  // namespace personalize::pg
