#include "pg/sources/columns.hpp"

#include <cmath>

#include "pg/bridge/catalog.hpp"
#include "pg/bridge/ids.hpp"
#include "pg/bridge/read_rows.hpp"

namespace personalize::pg::sources {

namespace {

// Up to a few dozen column names, for hints.
std::string columns_list(Oid relation) {
    const char* list = call([relation] {
        const Relation table = table_open(relation, AccessShareLock);
        const TupleDesc description = RelationGetDescr(table);
        StringInfoData names;
        initStringInfo(&names);
        for (int k = 0; k < description->natts && names.len < 500; k++)
            if (!TupleDescAttr(description, k)->attisdropped)
                appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "",
                                 quote_identifier(NameStr(TupleDescAttr(description, k)->attname)));
        table_close(table, AccessShareLock);
        return names.data;
    });
    return list;
}

// `value`, an expression of the type of a time column, as seconds, or whatever number the column holds: only
// its order matters.
std::string time_expression(Oid relation, const std::string& column, const std::string& value) {
    const Oid type = column_type(relation, column, "time_column");
    if (!is_time(type))
        throw SqlError(ERRCODE_DATATYPE_MISMATCH, "time_column \"" + column + "\" has no order in time",
                       "Use a column of type timestamptz, timestamp, date or a number.");
    if (!is_date(type)) return value + "::pg_catalog.float8";
    const std::string seconds = "pg_catalog.date_part('epoch', " + value + ")";
    if (type != DATEOID) return seconds;
    // A date may be later than all timestamps, by which date_part() goes.
    return "CASE WHEN pg_catalog.isfinite(" + value + ") THEN (" + value +
           " OPERATOR(pg_catalog.-) '1970-01-01'::pg_catalog.date) OPERATOR(pg_catalog.*) "
           "86400::pg_catalog.float8 ELSE " +
           seconds + " END";
}

}  // namespace

bool is_time(Oid type) noexcept {
    switch (type) {
        case INT2OID:
        case INT4OID:
        case INT8OID:
        case FLOAT4OID:
        case FLOAT8OID:
        case NUMERICOID:
            return true;
        default:
            return is_date(type);
    }
}

bool is_rating(Oid type) {
    Oid from = type, to = FLOAT4OID;
    return can_coerce_type(1, &from, &to, COERCION_ASSIGNMENT);
}

void hold_relation(Oid relation) {
    call([relation] { LockRelationOid(relation, AccessShareLock); });
    const std::string name = quoted_relation(relation);  // throws where there is no such relation
    if (call([relation] { return has_rows(relation); })) return;
    throw SqlError(ERRCODE_WRONG_OBJECT_TYPE, name + " has no rows to read",
                   "Name a table, a partitioned table, a view, a materialized view or a foreign table.");
}

std::string time_expression(Oid relation, const std::string& column) {
    return time_expression(relation, column, "s." + quoted(column));
}

std::string time_text(double seconds, Oid type) {
    if (!is_date(type)) return "";
    if (!std::isfinite(seconds)) return seconds > 0 ? "infinity" : "-infinity";
    return call([since_2000 = seconds - kSecondsTo2000, type] {
        const auto instant = static_cast<Timestamp>(std::llround(since_2000 * USECS_PER_SEC));
        const auto day = static_cast<DateADT>(std::floor(since_2000 / SECS_PER_DAY));
        const Datum text = type == DATEOID ? DirectFunctionCall1(date_out, DateADTGetDatum(day))
                           : type == TIMESTAMPOID
                               ? DirectFunctionCall1(timestamp_out, TimestampGetDatum(instant))
                               : DirectFunctionCall1(timestamptz_out, TimestampTzGetDatum(instant));
        return DatumGetCString(text);
    });
}

Oid column_type(Oid relation, const std::string& column, const char* option, const char* example) {
    const Oid type = call([relation, name = column.c_str()] {
        const AttrNumber number = get_attnum(relation, name);
        return number == InvalidAttrNumber ? InvalidOid : getBaseType(get_atttype(relation, number));
    });
    if (OidIsValid(type)) return type;
    const std::string remedy =
        option == nullptr
            ? "A view can rename columns to these names"
            : "Name the column with " + std::string(option) + " => '" + example + "'" +
                  (std::string(option) == "rating_column" ? ", or NULL if every row counts 1" : "");
    no_such_column(relation, column, remedy);
}

void no_such_column(Oid relation, const std::string& column, const std::string& remedy) {
    throw SqlError(ERRCODE_UNDEFINED_COLUMN,
                   "relation " + quoted_relation(relation) + " has no column \"" + column + "\"",
                   remedy + "; there are: " + columns_list(relation) + ".");
}

bool has_column(Oid relation, const std::string& column) {
    return call([relation, name = column.c_str()] { return get_attnum(relation, name); }) !=
           InvalidAttrNumber;
}

std::string key_example(Oid relation) {
    const char* key = call([relation]() -> const char* {
        Oid constraint;
        const Bitmapset* columns = get_primary_key_attnos(relation, true, &constraint);
        int member;
        if (!bms_get_singleton_member(columns, &member)) return "...";
        return get_attname(relation, static_cast<AttrNumber>(member + FirstLowInvalidHeapAttributeNumber),
                           false);
    });
    return key;
}

core::IdType id_column_type(Oid relation, const std::string& column, const char* option,
                            const char* example) {
    const Oid type = column_type(relation, column, option, example);
    const auto id = id_type_of_column(type);
    if (id) return *id;
    throw SqlError(ERRCODE_DATATYPE_MISMATCH,
                   "column \"" + column + "\" of " + quoted_relation(relation) + " is of type " +
                       call([type] { return format_type_be(type); }) + ", which cannot be an id",
                   "Ids may be smallint, integer, bigint, uuid, text or varchar; a view can cast others.");
}

void check_rating_column(Oid relation, const std::string& column) {
    const Oid type = column_type(relation, column, "rating_column");
    if (call([type] { return is_rating(type); })) return;
    throw SqlError(ERRCODE_DATATYPE_MISMATCH,
                   "column \"" + column + "\" of " + quoted_relation(relation) + " is of type " +
                       call([type] { return format_type_be(type); }) + ", which cannot be a rating",
                   "Ratings may be of any type of number; a view can cast others, and rating_column => NULL "
                   "counts each row 1.");
}

std::string double_expression(Oid type, const std::string& value) {
    if (type != NUMERICOID) return value + "::pg_catalog.float8";
    const auto when = [&value](const char* condition, const char* then) {
        return " WHEN " + value + " OPERATOR(pg_catalog." + condition + "::pg_catalog.numeric THEN '" + then +
               "'::pg_catalog.float8";
    };
    return "CASE" + when("=) 'NaN'", "NaN") + when(">) 1e300", "Infinity") + when("<) -1e300", "-Infinity") +
           " WHEN pg_catalog.abs(" + value + ") OPERATOR(pg_catalog.<) 1e-300::pg_catalog.numeric " +
           "THEN 0::pg_catalog.float8 ELSE " + value + "::pg_catalog.float8 END";
}

std::string id_expression(const std::string& column, core::IdType type) {
    const char* cast = type == core::IdType::integer ? "int8" : type == core::IdType::uuid ? "uuid" : "text";
    return "s." + quoted(column) + "::pg_catalog." + cast;
}

std::string columns_of_row(Oid relation, const Source& source, core::IdType item_type) {
    std::string list = id_expression(source.item_column, item_type);
    list += source.rating_column ? ", s." + quoted(*source.rating_column) + "::pg_catalog.float4"
                                 : ", 1::pg_catalog.float4";
    list +=
        source.time_column ? ", " + time_expression(relation, *source.time_column) : ", 0::pg_catalog.float8";
    return list;
}

double time_value(Oid relation, const std::string& column, const std::string& text) {
    class OneNumber : public RowSink {
      public:
        void row(const Datum* values, const bool*) override { number = DatumGetFloat8(values[0]); }
        double number = 0;
    };
    const Oid type = column_type(relation, column, "time_column");
    const char* literal = call([type, text = text.c_str()] {
        return psprintf("%s::%s", quote_literal_cstr(text),
                        format_type_extended(type, -1, FORMAT_TYPE_FORCE_QUALIFY));
    });
    OneNumber sink;
    read_rows("SELECT " + time_expression(relation, column, literal), sink);
    return sink.number;
}

Oid parameter_type(core::IdType type) {
    return type == core::IdType::integer ? INT8OID : type == core::IdType::uuid ? UUIDOID : TEXTOID;
}

}  // namespace personalize::pg::sources
