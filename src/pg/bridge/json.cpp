#include "pg/bridge/json.hpp"

#include <cmath>

namespace personalize::pg {

std::string json_number(double value) {
    if (!std::isfinite(value)) return "null";
    char text[32];
    std::snprintf(text, sizeof text, "%.7g", value);
    return text;
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
