#include "pg/model_store/version_row.hpp"

#include "pg/model_store/store_tables.hpp"

namespace personalize::pg {

namespace {

Datum column(HeapTuple tuple, TupleDesc description, AttrNumber number) {
    bool is_null;
    const Datum value = heap_getattr(tuple, number, description, &is_null);
    if (is_null) elog(ERROR, "column %d of personalize.model is NULL", number);
    return value;
}

// Inside call().
bool find_active(const char* model, VersionRow* row) {
    ScanKeyData key = store::text_key(store::kModel, model);
    bool found = false;
    store::scan("model", "model_active", 1, &key, [row, &found](HeapTuple tuple, TupleDesc description) {
        const auto get = [&](AttrNumber number) { return column(tuple, description, number); };
        if (!DatumGetBool(get(store::kActive))) return true;  // without its index the whole table is read
        memcpy(row->id.data(), DatumGetUUIDP(get(store::kVersionId))->data, UUID_LEN);
        row->version = DatumGetInt32(get(store::kVersion));
        row->owner = *DatumGetName(get(store::kOwner));
        row->image_bytes = DatumGetInt64(get(store::kImageBytes));
        row->image_checksum = static_cast<std::uint64_t>(DatumGetInt64(get(store::kImageChecksum)));
        row->users = DatumGetInt64(get(store::kUsers));
        row->items = DatumGetInt64(get(store::kItems));
        return found = true, false;
    });
    return found;
}

bool is_owner(const char* owner) {
    const Oid role = get_role_oid(owner, true);
    return OidIsValid(role) ? has_privs_of_role(GetUserId(), role) : superuser();
}

bool is_granted(const char* model) {
    ScanKeyData key = store::text_key(store::kGrantModel, model);
    bool granted = false;
    store::scan(
        "model_grant", "model_grant_pkey", 1, &key, [&granted](HeapTuple tuple, TupleDesc description) {
            const char* grantee = NameStr(*DatumGetName(column(tuple, description, store::kGrantRole)));
            const Oid role = get_role_oid(grantee, true);
            granted =
                strcmp(grantee, "public") == 0 || (OidIsValid(role) && has_privs_of_role(GetUserId(), role));
            return !granted;
        });
    return granted;
}

enum class Access { none, use, own };
struct Found {
    bool exists;
    Access access;
    VersionRow row;
};

Found find(const std::string& model) {
    return call([name = model.c_str()] {
        Found found = {};
        found.exists = find_active(name, &found.row);
        if (!found.exists) return found;
        found.access = is_owner(NameStr(found.row.owner)) ? Access::own
                       : is_granted(name)                 ? Access::use
                                                          : Access::none;
        return found;
    });
}

[[noreturn]] void denied(const std::string& model, const char* hint) {
    throw SqlError(ERRCODE_INSUFFICIENT_PRIVILEGE, "permission denied for model \"" + model + "\"", hint);
}

// The names of a dozen models that the current user may use, and how many more there are.
std::string usable_models(Purpose purpose) {
    const char* names = call([purpose] {
        const char* const of_purpose = purpose == Purpose::any ? ""
                                       : purpose == Purpose::segments
                                           ? " AND algorithm IN ('kmeans', 'dbscan')"
                                           : " AND algorithm NOT IN ('kmeans', 'dbscan')";
        const char* const list = psprintf(
            "SELECT pg_catalog.string_agg(pg_catalog.quote_literal(model), ', ') FILTER (WHERE n <= 12) || "
            "CASE WHEN pg_catalog.max(n) > 12 "
            "THEN pg_catalog.format(' and %%s more', pg_catalog.max(n) - 12) ELSE '' END "
            "FROM (SELECT model, pg_catalog.row_number() OVER (ORDER BY model) AS n "
            "FROM personalize.models WHERE active%s) m",
            of_purpose);
        const MemoryContext caller = CurrentMemoryContext;
        if (SPI_connect() != SPI_OK_CONNECT) elog(ERROR, "SPI_connect failed");
        SPI_execute(list, true, 1);
        const char* value = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
        const char* found = value == nullptr ? nullptr : MemoryContextStrdup(caller, value);
        SPI_finish();
        return found;
    });
    return names == nullptr ? "" : names;
}

}  // namespace

void no_such_model(const std::string& model, Purpose purpose) {
    const std::string models = usable_models(purpose);
    const bool wants_segments = purpose == Purpose::segments;
    const std::string example =
        wants_segments ? "train_kmeans('customers', '{orders,spend}')" : "train_mf('ratings')";
    throw SqlError(ERRCODE_UNDEFINED_OBJECT, "model \"" + model + "\" does not exist",
                   models.empty() ? "Train one, for example with SELECT " + example + "."
                                  : std::string("Your models ") + (wants_segments ? "of segments " : "") +
                                        "are " + models + ".");
}

VersionRow usable_version(const std::string& model, Purpose purpose) {
    const Found found = find(model);
    if (!found.exists) no_such_model(model, purpose);
    if (found.access == Access::none) denied(model, "Its owner can give it to you with grant_model().");
    return found.row;
}

namespace {

// `snapshot` is made inside call().
Found find_as_of(Snapshot (*snapshot)(), const std::string& model) {
    call([snapshot] { PushActiveSnapshot(snapshot()); });
    const Found found = find(model);
    call([] { PopActiveSnapshot(); });
    return found;
}

// A transaction that keeps its snapshot cannot change what it does not see.
void require_seen(const Found& now, const std::string& model) {
    if (!IsolationUsesXactSnapshot()) return;
    const Found seen = find_as_of(GetTransactionSnapshot, model);
    if (seen.exists == now.exists && seen.row.id == now.row.id) return;
    throw SqlError(ERRCODE_T_R_SERIALIZATION_FAILURE,
                   "model \"" + model + "\" was changed by another session after this transaction began",
                   "Try the transaction again.");
}

}  // namespace

std::optional<VersionRow> own_version(const std::string& model) {
    // Of now, not of when the statement began: another role may have trained the first version since.
    const Found found = find_as_of(GetLatestSnapshot, model);
    if (found.exists && found.access != Access::own) denied(model, "Only its owner may change it.");
    require_seen(found, model);
    return found.exists ? std::optional(found.row) : std::nullopt;
}

const VersionRow* estimate_version(const char* model) {
    if (!ActiveSnapshotSet()) return nullptr;
    auto* row = static_cast<VersionRow*>(palloc(sizeof(VersionRow)));
    if (!find_active(model, row)) return nullptr;
    return is_owner(NameStr(row->owner)) || is_granted(model) ? row : nullptr;
}

// By the index that has just found the row: opening another one costs a fresh connection a quarter of a
// millisecond.
Source read_source(const std::string& model, const VersionId& id) {
    struct Raw {
        bool found, fold_in, has_rating, has_time;
        NameData schema, relation, user, item, rating, time;
        int on_duplicate;
    };
    const Raw raw = call([model = model.c_str(), &id] {
        Raw r = {};
        ScanKeyData key = store::text_key(store::kModel, model);
        store::scan("model", "model_active", 1, &key, [&](HeapTuple tuple, TupleDesc description) {
            const auto* version = DatumGetUUIDP(column(tuple, description, store::kVersionId));
            if (memcmp(version->data, id.data(), UUID_LEN) != 0) return true;
            const auto name = [&](AttrNumber number, NameData* out, bool* given) {
                bool is_null;
                const Datum value = heap_getattr(tuple, number, description, &is_null);
                if (!is_null) *out = *DatumGetName(value);
                if (given != nullptr) *given = !is_null;
            };
            r.found = true;
            r.fold_in = DatumGetBool(column(tuple, description, store::kFoldIn));
            r.on_duplicate = DatumGetInt16(column(tuple, description, store::kOnDuplicate));
            name(store::kSourceSchema, &r.schema, nullptr);
            name(store::kSourceRelation, &r.relation, nullptr);
            name(store::kUserColumn, &r.user, nullptr);
            name(store::kItemColumn, &r.item, nullptr);
            name(store::kRatingColumn, &r.rating, &r.has_rating);
            name(store::kTimeColumn, &r.time, &r.has_time);
            return false;
        });
        return r;
    });
    if (!raw.found) throw SqlError(ERRCODE_UNDEFINED_OBJECT, "the model's version does not exist any more");

    Source source;
    source.schema = NameStr(raw.schema);
    source.relation = NameStr(raw.relation);
    source.user_column = NameStr(raw.user);
    source.item_column = NameStr(raw.item);
    if (raw.has_rating) source.rating_column = NameStr(raw.rating);
    if (raw.has_time) source.time_column = NameStr(raw.time);
    source.on_duplicate = static_cast<core::OnDuplicate>(raw.on_duplicate);
    source.fold_in = raw.fold_in;
    return source;
}

}  // namespace personalize::pg
