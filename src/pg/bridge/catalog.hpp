// Questions to the system catalogs that differ between PostgreSQL versions or are asked in several places.
#pragma once

#include <string>

#include "pg/bridge/guard.hpp"

namespace personalize::pg {

// PostgreSQL calls: use inside call().
inline bool may_use_schema(Oid schema, Oid role) {
#if PG_VERSION_NUM >= 160000
    return object_aclcheck(NamespaceRelationId, schema, role, ACL_USAGE) == ACLCHECK_OK;
#else
    return pg_namespace_aclcheck(schema, role, ACL_USAGE) == ACLCHECK_OK;
#endif
}

// Tables of any kind, and views.
inline bool has_rows(Oid relation) {
    switch (get_rel_relkind(relation)) {
        case RELKIND_RELATION:
        case RELKIND_PARTITIONED_TABLE:
        case RELKIND_VIEW:
        case RELKIND_MATVIEW:
        case RELKIND_FOREIGN_TABLE:
            return true;
        default:
            return false;
    }
}

inline bool may_read_column(Oid relation, AttrNumber column, Oid role) {
    return pg_class_aclcheck(relation, role, ACL_SELECT) == ACLCHECK_OK ||
           pg_attribute_aclcheck(relation, column, role, ACL_SELECT) == ACLCHECK_OK;
}

}  // namespace personalize::pg
