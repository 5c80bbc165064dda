// Arguments of SQL functions, checked once: each reader names the argument in its error.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pg/bridge/guard.hpp"

namespace personalize::pg {

// Reads the arguments of one call, by position. A missing value (NULL) where one is needed is
// null_value_not_allowed.
class Arguments {
  public:
    explicit Arguments(FunctionCallInfo fcinfo) : fcinfo_(fcinfo) {}

    int count() const noexcept { return fcinfo_->nargs; }
    bool is_null(int position) const noexcept { return fcinfo_->args[position].isnull; }
    Datum datum(int position) const noexcept { return fcinfo_->args[position].value; }
    Oid type(int position) const { return get_fn_expr_argtype(fcinfo_->flinfo, position); }

    bool boolean(int position, const char* name) const;
    Oid relation(int position, const char* name) const;        // of SQL type regclass
    std::string column(int position, const char* name) const;  // of SQL type name
    std::string text(int position, const char* name) const;
    std::optional<std::string> optional_text(int position) const;
    std::optional<std::string> optional_name(int position) const;  // of SQL type name
    std::optional<float> optional_real(int position) const;
    // In [low, high], else invalid_parameter_value with the range.
    int integer(int position, const char* name, int low, int high) const;
    float real(int position, const char* name, float low, float high) const;

  private:
    void require(int position, const char* name) const;
    FunctionCallInfo fcinfo_;
};

// A text value (detoasted in the current memory context if it has to be).
std::string text_value(Datum datum);

// The index of `value` in `allowed`, or invalid_parameter_value that lists them.
int one_of(const std::string& value, const char* name, const std::vector<const char*>& allowed);

}  // namespace personalize::pg
