// Arguments of SQL functions, checked once: each reader names the argument in its error.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pg/bridge/guard.hpp"

namespace personalize::pg {

// Reads the arguments of one call, by position. A missing value (NULL) where one is needed is
// null_value_not_allowed.
class Arguments {
  public:
    explicit Arguments(FunctionCallInfo fcinfo)
        : values_(fcinfo->args), count_(fcinfo->nargs), function_(fcinfo->flinfo) {}
    // Values that no call has brought; they live as long as this. type() is not for these.
    Arguments(const NullableDatum* values, int count) : values_(values), count_(count), function_(nullptr) {}

    int count() const noexcept { return count_; }
    bool is_null(int position) const noexcept { return values_[position].isnull; }
    Datum datum(int position) const noexcept { return values_[position].value; }
    Oid type(int position) const { return get_fn_expr_argtype(function_, position); }
    const NullableDatum* values() const noexcept { return values_; }

    Datum required(int position, const char* name) const;
    bool boolean(int position, const char* name) const;
    Oid relation(int position, const char* name) const;  // of SQL type regclass
    std::string text(int position, const char* name) const;
    std::string_view text_view(int position, const char* name) const;
    std::optional<std::string> optional_text(int position) const;
    std::optional<std::string> optional_name(int position) const;  // of SQL type name
    std::string name(int position, const char* name) const;        // of SQL type name
    std::optional<float> optional_real(int position) const;
    // In [low, high], else invalid_parameter_value with the range.
    int integer(int position, const char* name, int low, int high) const;
    float real(int position, const char* name, float low, float high) const;
    std::optional<int> optional_integer(int position, const char* name, int low, int high) const;
    std::optional<float> optional_real(int position, const char* name, float low, float high) const;
    std::optional<double> optional_double(int position, const char* name, double low, double high) const;
    // Of SQL type interval, in seconds: positive, up to 1e9, else invalid_parameter_value.
    std::optional<double> optional_interval(int position, const char* name) const;
    std::int64_t seed(int position) const;  // NULL: 0
    double double_precision(int position, const char* name, double low, double high) const;
    std::int64_t big_integer(int position, const char* name) const;

    // Throws where it is NULL.
    void require(int position, const char* name, const char* hint = "") const;

  private:
    const NullableDatum* values_;
    int count_;
    FmgrInfo* function_;
};

// The schema of the function that is called, in which its sisters are.
Oid schema_of(FunctionCallInfo fcinfo);

// The bytes of a text value, where they are; detoasted in the current memory context if they have to be.
std::string_view text_view(Datum datum);
// A text value (detoasted in the current memory context if it has to be).
std::string text_value(Datum datum);

// The index of `value` in `allowed`, or invalid_parameter_value that lists them.
int one_of(const std::string& value, const char* name, const std::vector<const char*>& allowed);

}  // namespace personalize::pg
