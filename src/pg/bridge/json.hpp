// Values as JSON.
#pragma once

#include <string>

#include "pg/bridge/guard.hpp"

namespace personalize::pg {

std::string json_number(double value);  // seven digits; null where it is not finite
// For messages: as PostgreSQL writes it, to seven digits.
std::string number_text(double value);
std::string json_string(const std::string& text);

}  // namespace personalize::pg
