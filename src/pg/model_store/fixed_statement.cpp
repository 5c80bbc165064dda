#include "pg/model_store/fixed_statement.hpp"

namespace personalize::pg {

std::int64_t number_of(const char* sql, const std::string& model) {
    return call([sql, &model] {
        Oid type = TEXTOID;
        Datum value = CStringGetTextDatum(model.c_str());
        if (SPI_connect() != SPI_OK_CONNECT) elog(ERROR, "SPI_connect failed");
        SPI_execute_with_args(sql, 1, &type, &value, nullptr, false, 1);
        bool is_null;
        const std::int64_t number =
            DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null));
        SPI_finish();
        return number;
    });
}

}  // namespace personalize::pg
