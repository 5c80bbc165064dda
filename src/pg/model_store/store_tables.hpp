// The extension's own tables: their columns, scans without the rights of the caller, and writes as their
// owner.
#pragma once

#include <cstdint>

#include "pg/bridge/guard.hpp"
#include "pg/bridge/role_switch.hpp"

namespace personalize::pg::store {

// Columns of personalize.model, in the order of src/sql/10_model_store.sql.
enum ModelColumn : AttrNumber {
    kModel = 1,
    kVersion,
    kVersionId,
    kActive,
    kOwner,
    kImageBytes,
    kImageChecksum,
    kUsers,
    kItems,
    kFoldIn,
    kSourceSchema,
    kSourceRelation,
    kUserColumn,
    kItemColumn,
    kRatingColumn,
    kTimeColumn,
    kOnDuplicate,
};
// Columns of personalize.model_block and personalize.model_grant.
enum BlockColumn : AttrNumber { kBlockVersionId = 1, kBlockNumber, kBlockBytes };
enum GrantColumn : AttrNumber { kGrantModel = 1, kGrantRole };

inline constexpr int kBytesPerBlock = 256 * 1024;

// All below are PostgreSQL calls: use inside call().

Oid table_oid(const char* name);

// Calls visit(tuple, description) for the rows of a table that an index finds; visit returns false to stop.
template <typename Visit>
void scan(const char* table, const char* index, int key_count, ScanKeyData* keys, Visit visit) {
    const Relation relation = table_open(table_oid(table), AccessShareLock);
    const SysScanDesc rows =
        systable_beginscan(relation, table_oid(index), true, GetActiveSnapshot(), key_count, keys);
    HeapTuple tuple;
    while (HeapTupleIsValid(tuple = systable_getnext(rows)))
        if (!visit(tuple, RelationGetDescr(relation))) break;
    systable_endscan(rows);
    table_close(relation, AccessShareLock);
}

ScanKeyData text_key(AttrNumber column, const char* value);
ScanKeyData uuid_key(AttrNumber column, const unsigned char* value);

// While it lives, PostgreSQL checks rights as the owner of the tables, for fixed SQL only.
class AsOwner {
  public:
    AsOwner();

  private:
    const RoleSwitch rights_;
};

// Runs one fixed, fully qualified statement; returns the number of rows. Connects and finishes SPI.
std::int64_t execute(const char* sql, int count, Oid* types, Datum* values, const char* nulls = nullptr);

}  // namespace personalize::pg::store
