#include "pg/model_store/store_tables.hpp"

namespace personalize::pg::store {

Oid table_oid(const char* name) {
    const Oid oid = get_relname_relid(name, get_namespace_oid("personalize", false));
    if (!OidIsValid(oid))
        ereport(ERROR, errcode(ERRCODE_UNDEFINED_TABLE),
                errmsg("relation personalize.%s does not exist", name),
                errhint("Drop and create the extension personalize."));
    return oid;
}

ScanKeyData text_key(AttrNumber column, const char* value) {
    ScanKeyData key;
    ScanKeyInit(&key, column, BTEqualStrategyNumber, F_TEXTEQ, CStringGetTextDatum(value));
    key.sk_collation = C_COLLATION_OID;
    return key;
}

ScanKeyData uuid_key(AttrNumber column, const unsigned char* value) {
    ScanKeyData key;
    ScanKeyInit(&key, column, BTEqualStrategyNumber, F_UUID_EQ, PointerGetDatum(value));
    return key;
}

namespace {

Oid owner_of_tables() {
    return call([] {
        const Relation relation = table_open(table_oid("model"), AccessShareLock);
        const Oid owner = relation->rd_rel->relowner;
        table_close(relation, AccessShareLock);
        return owner;
    });
}

}  // namespace

AsOwner::AsOwner() : rights_(owner_of_tables()) {}

std::int64_t execute(const char* sql, int count, Oid* types, Datum* values, const char* nulls) {
    if (SPI_connect() != SPI_OK_CONNECT) elog(ERROR, "SPI_connect failed");
    const int result = SPI_execute_with_args(sql, count, types, values, nulls, false, 0);
    if (result < 0) elog(ERROR, "cannot execute: %s", SPI_result_code_string(result));
    const auto rows = static_cast<std::int64_t>(SPI_processed);
    SPI_finish();
    return rows;
}

}  // namespace personalize::pg::store
