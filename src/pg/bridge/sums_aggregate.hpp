// Aggregates over two columns whose state is a few sums: a core struct `Sums` of doubles with add(Value,
// Value), where Value is double or bool, and combine(const Sums&). In SQL the state is float8[], so that
// parts travel between workers as plain arrays; INITCOND is the struct as it begins. People can call the
// support functions with any array, so each state is checked.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "pg/bridge/arrays.hpp"

namespace personalize::pg {

// The state that argument `position` holds, `count` doubles; `aggregate` is its name in messages.
const double* sums_argument(FunctionCallInfo fcinfo, int position, std::size_t count, const char* aggregate);
// Written over the first argument where that is the aggregate's own, as in an aggregation it always is.
Datum sums_result(FunctionCallInfo fcinfo, const void* sums, std::size_t bytes);

template <typename Sums>
Sums read_sums(FunctionCallInfo fcinfo, int position, const char* aggregate) {
    std::array<double, sizeof(Sums) / sizeof(double)> state;
    std::copy_n(sums_argument(fcinfo, position, state.size(), aggregate), state.size(), state.begin());
    return std::bit_cast<Sums>(state);
}

// SFUNC, not strict: a row with a NULL is passed over.
template <typename Sums, typename Value = double>
Datum accumulate(FunctionCallInfo fcinfo, const char* aggregate) {
    Sums sums = read_sums<Sums>(fcinfo, 0, aggregate);
    if (PG_ARGISNULL(1) || PG_ARGISNULL(2)) return PG_GETARG_DATUM(0);
    if constexpr (std::is_same_v<Value, bool>)
        sums.add(PG_GETARG_BOOL(1), PG_GETARG_BOOL(2));
    else
        sums.add(PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2));
    return sums_result(fcinfo, &sums, sizeof sums);
}

// COMBINEFUNC, strict.
template <typename Sums>
Datum combine(FunctionCallInfo fcinfo, const char* aggregate) {
    Sums sums = read_sums<Sums>(fcinfo, 0, aggregate);
    sums.combine(read_sums<Sums>(fcinfo, 1, aggregate));
    return sums_result(fcinfo, &sums, sizeof sums);
}

// FINALFUNC, strict. result(sums) is a std::optional<double>; none is NULL.
template <typename Sums, typename Result>
Datum finish(FunctionCallInfo fcinfo, const char* aggregate, Result result) {
    const std::optional<double> value = result(read_sums<Sums>(fcinfo, 0, aggregate));
    if (!value) PG_RETURN_NULL();
    PG_RETURN_FLOAT8(*value);
}

}  // namespace personalize::pg
