// Window functions that look at whole partitions.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "pg/bridge/guard.hpp"

namespace personalize::pg {

inline WindowObject window_of(FunctionCallInfo fcinfo) {
    const WindowObject window = PG_WINDOW_OBJECT();
    if (!WindowObjectIsValid(window))
        throw SqlError(ERRCODE_WRONG_OBJECT_TYPE, "the function is called outside a window",
                       "Call it with OVER (...).");
    return window;
}

inline std::int64_t partition_rows(WindowObject window) {
    const std::int64_t rows = call([window] { return WinGetPartitionRowCount(window); });
    if (rows <= std::numeric_limits<int>::max()) return rows;
    throw SqlError(ERRCODE_PROGRAM_LIMIT_EXCEEDED, "a partition has " + std::to_string(rows) + " rows",
                   "Divide it with PARTITION BY: up to 2147483647 rows are possible.");
}

// The value of an argument in the current row.
inline NullableDatum current_argument(WindowObject window, int position) {
    return call([window, position] {
        NullableDatum argument;
        argument.value = WinGetFuncArgCurrent(window, position, &argument.isnull);
        return argument;
    });
}

}  // namespace personalize::pg
