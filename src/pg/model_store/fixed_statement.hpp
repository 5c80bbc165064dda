// Parameters of a fixed statement on the extension's own tables.
#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "pg/model_store/store_tables.hpp"
#include "pg/model_store/version_row.hpp"

namespace personalize::pg {

class Parameters {
  public:
    Parameters& text(const std::string& value) {
        return add(TEXTOID, call([&value] { return cstring_to_text_with_len(value.data(), value.size()); }));
    }
    Parameters& optional_text(const std::optional<std::string>& value) {
        return value ? text(*value) : add_null(TEXTOID);
    }
    Parameters& integer(std::int64_t value) { return add(INT8OID, Int64GetDatum(value)); }
    Parameters& number(double value) {
        return add(FLOAT8OID, call([value] { return Float8GetDatum(value); }));
    }
    // NaN: NULL.
    Parameters& optional_number(double value) {
        return std::isnan(value) ? add_null(FLOAT8OID) : number(value);
    }
    Parameters& boolean(bool value) { return add(BOOLOID, BoolGetDatum(value)); }
    Parameters& uuid(const VersionId& value) { return add(UUIDOID, value.data()); }

    // As store::execute().
    std::int64_t execute(const char* sql) {
        return call([sql, this] {
            return store::execute(sql, static_cast<int>(types_.size()), types_.data(), values_.data(),
                                  nulls_.c_str());
        });
    }

  private:
    Parameters& add(Oid type, const void* value) { return add(type, PointerGetDatum(value)); }
    Parameters& add(Oid type, Datum value) {
        types_.push_back(type);
        values_.push_back(value);
        nulls_ += ' ';
        return *this;
    }
    Parameters& add_null(Oid type) {
        add(type, Datum{0});
        nulls_.back() = 'n';
        return *this;
    }
    std::vector<Oid> types_;
    std::vector<Datum> values_;
    std::string nulls_;
};

// The first column of one row, as a number, for a model's name.
std::int64_t number_of(const char* sql, const std::string& model);

}  // namespace personalize::pg
