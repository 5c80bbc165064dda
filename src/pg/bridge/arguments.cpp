#include "pg/bridge/arguments.hpp"

#include <algorithm>

namespace personalize::pg {

void Arguments::require(int position, const char* name, const char* hint) const {
    if (is_null(position))
        throw SqlError(ERRCODE_NULL_VALUE_NOT_ALLOWED, std::string(name) + " must not be NULL", hint);
}

Datum Arguments::required(int position, const char* name) const {
    require(position, name);
    return datum(position);
}

bool Arguments::boolean(int position, const char* name) const {
    require(position, name);
    return DatumGetBool(datum(position));
}

Oid schema_of(FunctionCallInfo fcinfo) {
    return call([function = fcinfo->flinfo->fn_oid] { return get_func_namespace(function); });
}

std::string_view text_view(Datum datum) {
    const auto* value = reinterpret_cast<const struct varlena*>(DatumGetPointer(datum));
    if (VARATT_IS_EXTERNAL(value) || VARATT_IS_COMPRESSED(value))
        value = call([datum] { return DatumGetTextPP(datum); });
    return {VARDATA_ANY(value), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(value))};
}

std::string text_value(Datum datum) { return std::string(text_view(datum)); }

std::string_view Arguments::text_view(int position, const char* name) const {
    require(position, name);
    return pg::text_view(datum(position));
}

std::string Arguments::text(int position, const char* name) const {
    require(position, name);
    return text_value(datum(position));
}

std::optional<std::string> Arguments::optional_text(int position) const {
    if (is_null(position)) return std::nullopt;
    return text_value(datum(position));
}

std::optional<std::string> Arguments::optional_name(int position) const {
    if (is_null(position)) return std::nullopt;
    return std::string(NameStr(*DatumGetName(datum(position))));
}

std::string Arguments::name(int position, const char* name) const {
    require(position, name);
    return *optional_name(position);
}

Oid Arguments::relation(int position, const char* name) const {
    require(position, name);
    const Oid relation = DatumGetObjectId(datum(position));
    if (call([relation] { return get_rel_relkind(relation); }) != '\0') return relation;
    throw SqlError(ERRCODE_UNDEFINED_TABLE,
                   std::string(name) + ": relation with OID " + std::to_string(relation) + " does not exist",
                   std::string("Name a table or a view, for example ") + name + " => 'public.example'.");
}

std::optional<float> Arguments::optional_real(int position) const {
    if (is_null(position)) return std::nullopt;
    return DatumGetFloat4(datum(position));
}

int Arguments::integer(int position, const char* name, int low, int high) const {
    require(position, name);
    const int value = DatumGetInt32(datum(position));
    if (value >= low && value <= high) return value;
    throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, std::string(name) + " is " + std::to_string(value),
                   "Give a value from " + std::to_string(low) + " to " + std::to_string(high) + ".");
}

float Arguments::real(int position, const char* name, float low, float high) const {
    require(position, name);
    const float value = DatumGetFloat4(datum(position));
    if (value >= low && value <= high) return value;
    char message[128], hint[128];
    std::snprintf(message, sizeof message, "%s is %g", name, value);
    std::snprintf(hint, sizeof hint, "Give a value from %g to %g.", low, high);
    throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, message, hint);
}

std::optional<double> Arguments::optional_double(int position, const char* name, double low,
                                                 double high) const {
    if (is_null(position)) return std::nullopt;
    return double_precision(position, name, low, high);
}

std::optional<int> Arguments::optional_integer(int position, const char* name, int low, int high) const {
    if (is_null(position)) return std::nullopt;
    return integer(position, name, low, high);
}

std::optional<float> Arguments::optional_real(int position, const char* name, float low, float high) const {
    if (is_null(position)) return std::nullopt;
    return real(position, name, low, high);
}

std::optional<double> Arguments::optional_interval(int position, const char* name) const {
    constexpr double kMostSeconds = 1e9;
    if (is_null(position)) return std::nullopt;
    const double seconds = call([interval = datum(position)] {
        return DatumGetFloat8(DirectFunctionCall2(interval_part, CStringGetTextDatum("epoch"), interval));
    });
    if (seconds > 0 && seconds <= kMostSeconds) return seconds;
    throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE,
                   std::string(name) + " is " + std::to_string(seconds) + " seconds",
                   "Give an interval above 0, up to 1e9 seconds (31 years), or NULL for none.");
}

std::int64_t Arguments::seed(int position) const {
    return is_null(position) ? 0 : DatumGetInt64(datum(position));
}

double Arguments::double_precision(int position, const char* name, double low, double high) const {
    require(position, name);
    const double value = DatumGetFloat8(datum(position));
    if (value >= low && value <= high) return value;
    const auto digits = [](double x) -> std::string {
        return call([x] { return DatumGetCString(DirectFunctionCall1(float8out, Float8GetDatum(x))); });
    };
    throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, std::string(name) + " is " + digits(value),
                   "Give a value from " + digits(low) + " to " + digits(high) + ".");
}

std::int64_t Arguments::big_integer(int position, const char* name) const {
    require(position, name);
    return DatumGetInt64(datum(position));
}

int one_of(const std::string& value, const char* name, const std::vector<const char*>& allowed) {
    const auto found = std::find(allowed.begin(), allowed.end(), value);
    if (found != allowed.end()) return static_cast<int>(found - allowed.begin());
    std::string hint = "Use one of";
    for (const char* choice : allowed)
        hint += std::string(choice == allowed[0] ? " '" : ", '") + choice + "'";
    throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, std::string(name) + " is \"" + value + "\"", hint + ".");
}

}  // namespace personalize::pg
