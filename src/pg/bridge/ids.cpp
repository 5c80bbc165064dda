#include "pg/bridge/ids.hpp"

#include <charconv>

#include "pg/bridge/arguments.hpp"

namespace personalize::pg {

using core::Id;
using core::IdType;

const char* type_name(IdType type) {
    switch (type) {
        case IdType::integer:
            return "bigint";
        case IdType::uuid:
            return "uuid";
        default:
            return "text";
    }
}

std::optional<IdType> id_type_of_column(Oid type) {
    switch (type) {
        case INT2OID:
        case INT4OID:
        case INT8OID:
            return IdType::integer;
        case UUIDOID:
            return IdType::uuid;
        case TEXTOID:
        case VARCHAROID:
            return IdType::text;
        default:
            return std::nullopt;
    }
}

std::optional<IdType> id_type_of_result(Oid type) {
    switch (type) {
        case INT8OID:
            return IdType::integer;
        case UUIDOID:
            return IdType::uuid;
        case TEXTOID:
            return IdType::text;
        default:
            return std::nullopt;
    }
}

namespace {

std::string_view trimmed(std::string_view text) {
    const auto from = text.find_first_not_of(" \t\n\r\f\v");
    if (from == text.npos) return {};
    return text.substr(from, text.find_last_not_of(" \t\n\r\f\v") - from + 1);
}

Id integer_from_text(std::string_view text, const char* what) {
    std::string_view digits = trimmed(text);
    if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.remove_prefix(1);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error == std::errc() && end == digits.data() + digits.size()) return Id::of(value);
    const bool too_large = error == std::errc::result_out_of_range;
    throw SqlError(too_large ? ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE : ERRCODE_INVALID_TEXT_REPRESENTATION,
                   std::string(what) + " id " + to_string(Id::text(text)) +
                       (too_large ? " is out of range for bigint" : " is not an integer"),
                   std::string("The model's ") + what + " ids are of type bigint.");
}

Id uuid_from_text(std::string_view text) {
    const auto* uuid = call([text] {
        char* copy = pnstrdup(text.data(), text.size());
        return DatumGetUUIDP(DirectFunctionCall1(uuid_in, CStringGetDatum(copy)));
    });
    return Id::uuid({reinterpret_cast<const char*>(uuid->data), core::kUuidBytes});
}

Id id_from_text(Datum value, IdType model_type, const char* what) {
    const std::string_view text = text_view(value);
    switch (model_type) {
        case IdType::integer:
            return integer_from_text(text, what);
        case IdType::uuid:
            return uuid_from_text(text);
        default:
            return Id::text(text);
    }
}

}  // namespace

Id id_from_datum(Datum value, Oid type, IdType model_type, const char* what) {
    if (type == TEXTOID) return id_from_text(value, model_type, what);
    if (type == INT8OID && model_type == IdType::integer) return Id::of(DatumGetInt64(value));
    if (type == UUIDOID && model_type == IdType::uuid)
        return Id::uuid({reinterpret_cast<const char*>(DatumGetUUIDP(value)->data), core::kUuidBytes});
    throw SqlError(ERRCODE_DATATYPE_MISMATCH,
                   std::string("the model's ") + what + " ids are of type " + type_name(model_type),
                   std::string("Cast the ") + what + " id to " + type_name(model_type) +
                       (model_type == IdType::text ? "." : " or to text."));
}

Id id_of_any(Datum value, Oid type, const char* what) {
    const Oid base = call([type] { return getBaseType(type); });
    const auto id_type = id_type_of_column(base);
    if (!id_type)
        throw SqlError(ERRCODE_DATATYPE_MISMATCH, std::string(what) + " id is of type " + call([type] {
                                                      return format_type_be(type);
                                                  }) + ", which cannot be an id",
                       "Ids may be smallint, integer, bigint, uuid, text or varchar; cast others.");
    if (base == INT2OID) return Id::of(DatumGetInt16(value));
    if (base == INT4OID) return Id::of(DatumGetInt32(value));
    return id_from_datum(value, base == VARCHAROID ? TEXTOID : base, *id_type, what);
}

bool can_return_id(IdType model_type, Oid type) {
    return type == TEXTOID || id_type_of_result(type) == model_type;
}

Datum id_to_datum(const Id& id, Oid type) {
    if (id.type == IdType::integer) {
        if (type == INT8OID) return Int64GetDatum(id.integer);
        return CStringGetTextDatum(psprintf("%lld", static_cast<long long>(id.integer)));
    }
    if (id.type == IdType::text)
        return PointerGetDatum(cstring_to_text_with_len(id.bytes.data(), static_cast<int>(id.bytes.size())));
    auto* uuid = static_cast<pg_uuid_t*>(palloc(sizeof(pg_uuid_t)));
    memcpy(uuid->data, id.bytes.data(), core::kUuidBytes);
    if (type == UUIDOID) return UUIDPGetDatum(uuid);
    return CStringGetTextDatum(DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(uuid))));
}

}  // namespace personalize::pg
