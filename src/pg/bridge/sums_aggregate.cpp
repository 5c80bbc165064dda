#include "pg/bridge/sums_aggregate.hpp"

namespace personalize::pg {

const double* sums_argument(FunctionCallInfo fcinfo, int position, std::size_t count, const char* aggregate) {
    const auto wrong = [aggregate](int sqlstate, const std::string& what) {
        return SqlError(sqlstate, std::string("the state of ") + aggregate + " " + what,
                        "States are made by the aggregate: call that.");
    };
    if (PG_ARGISNULL(position)) throw wrong(ERRCODE_NULL_VALUE_NOT_ALLOWED, "is NULL");
    const Datum datum = PG_GETARG_DATUM(position);
    ArrayType* state = call([datum] { return DatumGetArrayTypeP(datum); });
    const auto sums = elements<double>(state);
    if (ARR_NDIM(state) != 1 || sums.size() != count)
        throw wrong(ERRCODE_ARRAY_SUBSCRIPT_ERROR, "is no array of " + std::to_string(count) + " numbers");
    if (first_null(state) > 0) throw wrong(ERRCODE_NULL_VALUE_NOT_ALLOWED, "has a NULL in it");
    return sums.data();
}

Datum sums_result(FunctionCallInfo fcinfo, const void* sums, std::size_t bytes) {
    return call([fcinfo, sums, bytes] {
        ArrayType* state = AggCheckCallContext(fcinfo, nullptr) ? DatumGetArrayTypeP(PG_GETARG_DATUM(0))
                                                                : DatumGetArrayTypePCopy(PG_GETARG_DATUM(0));
        memcpy(ARR_DATA_PTR(state), sums, bytes);
        return PointerGetDatum(state);
    });
}

}  // namespace personalize::pg
