#include "pg/bridge/arguments.hpp"

#include <algorithm>

namespace personalize::pg {

void Arguments::require(int position, const char* name) const {
    if (is_null(position))
        throw SqlError(ERRCODE_NULL_VALUE_NOT_ALLOWED, std::string(name) + " must not be NULL");
}

bool Arguments::boolean(int position, const char* name) const {
    require(position, name);
    return DatumGetBool(datum(position));
}

Oid Arguments::relation(int position, const char* name) const {
    require(position, name);
    return DatumGetObjectId(datum(position));
}

std::string Arguments::column(int position, const char* name) const {
    require(position, name);
    return NameStr(*DatumGetName(datum(position)));
}

std::string text_value(Datum datum) {
    const struct varlena* value = call([datum] { return DatumGetTextPP(datum); });
    return {VARDATA_ANY(value), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(value))};
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

int one_of(const std::string& value, const char* name, const std::vector<const char*>& allowed) {
    const auto found = std::find(allowed.begin(), allowed.end(), value);
    if (found != allowed.end()) return static_cast<int>(found - allowed.begin());
    std::string hint = "Use one of";
    for (const char* choice : allowed)
        hint += std::string(choice == allowed[0] ? " '" : ", '") + choice + "'";
    throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, std::string(name) + " is \"" + value + "\"", hint + ".");
}

}  // namespace personalize::pg
