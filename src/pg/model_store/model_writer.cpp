#include "pg/model_store/model_writer.hpp"

#include <algorithm>
#include <climits>
#include <vector>

#include "pg/bridge/ids.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/model_store/cache_files.hpp"
#include "pg/model_store/fixed_statement.hpp"
#include "pg/model_store/locks.hpp"
#include "pg/model_store/store_tables.hpp"
#include "pg/model_store/tuning_log.hpp"

namespace personalize::pg {

namespace {

constexpr std::size_t kMaxNameBytes = 128;

VersionId random_id() {
    VersionId id;
    if (!pg_strong_random(id.data(), id.size()))
        throw SqlError(ERRCODE_INTERNAL_ERROR, "could not generate random values");
    return id;
}

void insert_row(const NewVersion& version, int number, const VersionId& id, const std::string& owner,
                const core::ModelParts& parts, const core::ModelBytes& image) {
    const Source& source = version.source;
    Parameters()
        .text(version.model)
        .integer(number)
        .uuid(id)
        .text(owner)
        .integer(static_cast<std::int64_t>(image.size()))
        .integer(static_cast<std::int64_t>(core::stated_checksum(image)))
        .integer(parts.users.size())
        .integer(parts.items.size())
        .boolean(source.fold_in)
        .text(source.schema)
        .text(source.relation)
        .text(source.user_column)
        .text(source.item_column)
        .optional_text(source.rating_column)
        .optional_text(source.time_column)
        .integer(static_cast<int>(source.on_duplicate))
        .text(version.algorithm)
        .text(parts.kind == core::ModelKind::segments ? "" : type_name(parts.users.type()))
        .text(parts.kind == core::ModelKind::segments ? "" : type_name(parts.items.type()))
        .integer(version.ratings)
        .integer(version.skipped)
        .integer(version.merged)
        .text(version.options)
        .text(version.metrics)
        .number(version.train_seconds)
        .execute(
            "INSERT INTO personalize.model VALUES ($1, $2::pg_catalog.int4, $3, true, $4::pg_catalog.name, "
            "$5, $6, $7, $8, $9, $10::pg_catalog.name, $11::pg_catalog.name, $12::pg_catalog.name, "
            "$13::pg_catalog.name, $14::pg_catalog.name, $15::pg_catalog.name, $16::pg_catalog.int2, $17, "
            "$18, "
            "$19, $20, $21, $22, $23::pg_catalog.jsonb, $24::pg_catalog.jsonb, pg_catalog.now(), $25)");
}

// Inside call().
void insert_blocks(const VersionId& id, const std::byte* image, std::int64_t size) {
    if (SPI_connect() != SPI_OK_CONNECT) elog(ERROR, "SPI_connect failed");
    Oid types[] = {UUIDOID, INT4OID, BYTEAOID};
    SPIPlanPtr plan = SPI_prepare("INSERT INTO personalize.model_block VALUES ($1, $2, $3)", 3, types);
    if (plan == nullptr) elog(ERROR, "cannot prepare: %s", SPI_result_code_string(SPI_result));
    auto* block = static_cast<bytea*>(palloc(VARHDRSZ + store::kBytesPerBlock));
    for (std::int64_t at = 0, number = 0; at < size; at += store::kBytesPerBlock, number++) {
        CHECK_FOR_INTERRUPTS();
        const auto length = static_cast<std::size_t>(Min(size - at, store::kBytesPerBlock));
        SET_VARSIZE(block, VARHDRSZ + length);
        memcpy(VARDATA(block), image + at, length);
        Datum values[] = {PointerGetDatum(id.data()), Int32GetDatum(static_cast<int>(number)),
                          PointerGetDatum(block)};
        SPI_execute_plan(plan, values, nullptr, false, 0);
    }
    SPI_finish();
}

// Versions that a statement with the parameters model and number returns.
std::vector<VersionId> version_ids(const char* sql, const std::string& model, std::int64_t number) {
    std::vector<VersionId> ids;
    call([&ids, &model, sql, number] {
        Oid types[] = {TEXTOID, INT8OID};
        Datum values[] = {CStringGetTextDatum(model.c_str()), Int64GetDatum(number)};
        if (SPI_connect() != SPI_OK_CONNECT) elog(ERROR, "SPI_connect failed");
        SPI_execute_with_args(sql, 2, types, values, nullptr, false, 0);
        for (std::uint64_t k = 0; k < SPI_processed; k++) {
            bool is_null;
            const Datum id = SPI_getbinval(SPI_tuptable->vals[k], SPI_tuptable->tupdesc, 1, &is_null);
            VersionId version;
            memcpy(version.data(), DatumGetUUIDP(id)->data, UUID_LEN);
            guarded([&] { ids.push_back(version); });
        }
        SPI_finish();
    });
    return ids;
}

void drop_versions(const std::vector<VersionId>& ids) {
    for (const VersionId& id : ids) {
        Parameters().uuid(id).execute(
            "DELETE FROM personalize.model_block WHERE version_id OPERATOR(pg_catalog.=) $1");
        Parameters().uuid(id).execute(
            "DELETE FROM personalize.model WHERE version_id OPERATOR(pg_catalog.=) $1");
        cache_files::remove_at_commit(id);
    }
}

void deactivate(const std::string& model) {
    Parameters().text(model).execute(
        "UPDATE personalize.model SET active = false WHERE model OPERATOR(pg_catalog.=) $1 AND active");
}

void claim_own(const std::string& model, const char* function) {
    forbid_where_read_only(function);
    claim_model(model);
    if (!own_version(model)) no_such_model(model);
}

int next_version(const std::string& model) {
    const std::int64_t last = number_of(
        "SELECT coalesce(pg_catalog.max(version), 0)::pg_catalog.int8 "
        "FROM personalize.model WHERE model OPERATOR(pg_catalog.=) $1",
        model);
    if (last < INT_MAX) return static_cast<int>(last) + 1;
    throw SqlError(
        ERRCODE_PROGRAM_LIMIT_EXCEEDED,
        "model \"" + model + "\" has version " + std::to_string(last) + ", the last that there can be",
        "Drop it, or train a model of another name.");
}

// The role as it is stored: 'public', or the name of a role that exists.
std::string grantee(const std::string& role) {
    if (role == "public" || role == "PUBLIC") return "public";
    call([name = role.c_str()] { get_role_oid(name, false); });
    return role;
}

std::string current_role() {
    return call([] { return GetUserNameFromId(GetUserId(), false); });
}

}  // namespace

std::string owner_of(const std::string& model) {
    const auto row = own_version(model);
    return row ? NameStr(row->owner) : current_role();
}

void forbid_where_read_only(const char* what) {
    call([what] {
        PreventCommandIfReadOnly(what);
        PreventCommandIfParallelMode(what);
        PreventCommandDuringRecovery(what);
    });
}

void check_model_name(const std::string& model) {
    if (!model.empty() && model.size() <= kMaxNameBytes) return;
    throw SqlError(
        ERRCODE_INVALID_PARAMETER_VALUE,
        model.empty() ? "model is empty" : "model has a name of " + std::to_string(model.size()) + " bytes",
        "Give a name of 1 to " + std::to_string(kMaxNameBytes) + " bytes.");
}

void claim_for_training(const std::string& model) {
    check_model_name(model);
    claim_model(model);
    own_version(model);
}

int save_version(const NewVersion& version, const core::ModelParts& parts, const core::ModelBytes& image) {
    const std::string owner = owner_of(version.model);
    const VersionId id = random_id();
    const store::AsOwner as_owner;
    const int number = next_version(version.model);
    deactivate(version.model);
    insert_row(version, number, id, owner, parts, image);
    call([&id, data = image.data(), size = static_cast<std::int64_t>(image.size())] {
        insert_blocks(id, data, size);
    });
    drop_versions(
        version_ids("SELECT version_id FROM personalize.model WHERE model OPERATOR(pg_catalog.=) $1 "
                    "ORDER BY version DESC OFFSET $2",
                    version.model, settings::keep_versions()));
    return number;
}

void drop_model(const std::string& model) {
    forbid_where_read_only("drop_model()");
    claim_model(model);
    if (!own_version(model)) {  // trials of a tuning that came to no model
        if (!TuningLog::forget_own(model)) no_such_model(model);
        return;
    }
    const store::AsOwner as_owner;
    drop_versions(
        version_ids("SELECT version_id FROM personalize.model WHERE model OPERATOR(pg_catalog.=) $1 "
                    "OFFSET $2",
                    model, 0));
    Parameters().text(model).execute(
        "DELETE FROM personalize.model_grant WHERE model OPERATOR(pg_catalog.=) $1");
    TuningLog::forget(model);
}

void activate_version(const std::string& model, int version) {
    claim_own(model, "activate_model()");
    const store::AsOwner as_owner;
    const auto found = version_ids(
        "SELECT version_id FROM personalize.model WHERE model OPERATOR(pg_catalog.=) $1 "
        "AND version OPERATOR(pg_catalog.=) $2",
        model, version);
    if (found.empty())
        throw SqlError(ERRCODE_UNDEFINED_OBJECT,
                       "model \"" + model + "\" has no version " + std::to_string(version),
                       "SELECT version FROM personalize.models lists the versions that there are.");
    deactivate(model);
    Parameters().uuid(found[0]).execute(
        "UPDATE personalize.model SET active = true WHERE version_id OPERATOR(pg_catalog.=) $1");
}

void grant_model(const std::string& model, const std::string& role) {
    claim_own(model, "grant_model()");
    const std::string name = grantee(role);
    const store::AsOwner as_owner;
    Parameters().text(model).text(name).execute(
        "INSERT INTO personalize.model_grant VALUES ($1, $2::pg_catalog.name) ON CONFLICT DO NOTHING");
}

void revoke_model(const std::string& model, const std::string& role) {
    claim_own(model, "revoke_model()");
    const std::string name = role == "PUBLIC" ? "public" : role;
    const store::AsOwner as_owner;
    const auto rows = Parameters().text(model).text(name).execute(
        "DELETE FROM personalize.model_grant WHERE model OPERATOR(pg_catalog.=) $1 "
        "AND grantee OPERATOR(pg_catalog.=) $2::pg_catalog.name");
    if (rows == 0)
        throw SqlError(ERRCODE_UNDEFINED_OBJECT,
                       "role \"" + role + "\" has no grant on model \"" + model + "\"");
}

}  // namespace personalize::pg
