// The columns of a ratings table, as the SELECT lists that training and serving read them with.
#pragma once

#include <string>

#include "core/ratings/ids.hpp"
#include "pg/bridge/guard.hpp"
#include "pg/model_store/version_row.hpp"

namespace personalize::pg::sources {

// Of a relation with the alias s: item id, rating (1 where there is no such column), time (0 likewise).
std::string columns_of_row(Oid relation, const Source& source, core::IdType item_type);
// Seconds since 1970 where the column is a timestamp or a date, or whatever number it holds, as float8.
// Throws datatype_mismatch.
std::string time_expression(Oid relation, const std::string& column);
// Such a number in the form of the column's type; empty where that is no timestamp or date.
std::string time_text(double seconds, Oid type);
inline constexpr double kSecondsTo2000 = (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * double{SECS_PER_DAY};
// Whether a column of this type can be read as a time. Base types, here and below.
bool is_time(Oid type) noexcept;
bool is_rating(Oid type);  // calls PostgreSQL, unguarded
inline bool is_date(Oid type) { return type == TIMESTAMPOID || type == TIMESTAMPTZOID || type == DATEOID; }
// An expression of a type as float8. Of numeric, what is beyond float8 becomes infinite, or 0.
std::string double_expression(Oid type, const std::string& value);
// The id column as bigint, uuid or text.
std::string id_expression(const std::string& column, core::IdType type);
Oid parameter_type(core::IdType type);

// A value of such an expression as an id; texts are plain (read_rows.hpp) and not copied.
inline core::Id id_of(core::IdType type, Datum value) {
    if (type == core::IdType::integer) return core::Id::of(DatumGetInt64(value));
    if (type == core::IdType::uuid)
        return core::Id::uuid({reinterpret_cast<const char*>(DatumGetUUIDP(value)->data), core::kUuidBytes});
    const auto* text = reinterpret_cast<const varlena*>(DatumGetPointer(value));
    return core::Id::text({VARDATA_ANY(text), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(text))});
}

// Keeps a relation's name and columns as they are until the transaction ends. Throws undefined_table, and
// wrong_object_type where it has no rows to read.
void hold_relation(Oid relation);
bool has_column(Oid relation, const std::string& column);
// Throws undefined_column that names relation and column. The hint is the remedy, and the columns there are.
[[noreturn]] void no_such_column(Oid relation, const std::string& column, const std::string& remedy);
// For the column of a model: what to do where its table has it no more.
inline constexpr const char* kColumnHasGone =
    "The model was trained with it: call a column so (a view can), or train again";
// Type of a column, seen through domains. Throws undefined_column, whose hint
// says to name it with option => 'example'; option null: the name is fixed.
Oid column_type(Oid relation, const std::string& column, const char* option, const char* example = "...");
// Throws undefined_column, or datatype_mismatch where it is none of the types of ids.
core::IdType id_column_type(Oid relation, const std::string& column, const char* option,
                            const char* example = "...");
// The column that is the primary key, for hints; "..." where there is none.
std::string key_example(Oid relation);
// A moment as such a column's values are read, from a text in the form of the column's type. Throws what that
// type says of a text that is none of its values.
double time_value(Oid relation, const std::string& column, const std::string& text);
// Throws undefined_column, or datatype_mismatch where the column cannot be read as a number.
void check_rating_column(Oid relation, const std::string& column);

}  // namespace personalize::pg::sources
