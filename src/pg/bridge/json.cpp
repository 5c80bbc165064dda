#include "pg/bridge/json.hpp"

#include <cmath>

namespace personalize::pg {

std::string json_number(double value) {
    if (!std::isfinite(value)) return "null";
    char text[32];
    std::snprintf(text, sizeof text, "%.7g", value);
    return text;
}

std::string number_text(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
    return json_number(value);
}

std::string json_string(const std::string& text) {
    return call([text = text.c_str()] {
        StringInfoData escaped;
        initStringInfo(&escaped);
        escape_json(&escaped, text);
        return escaped.data;
    });
}

}  // namespace personalize::pg
