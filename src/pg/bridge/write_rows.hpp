// The result rows of a set-returning function, materialized.
#pragma once

#include <cstdint>
#include <string>

#include "pg/bridge/guard.hpp"

namespace personalize::pg {

// A PostgreSQL call: use inside call().
inline Datum text_datum(const std::string& text) {
    return PointerGetDatum(cstring_to_text_with_len(text.data(), static_cast<int>(text.size())));
}

class ResultRows {
  public:
    explicit ResultRows(FunctionCallInfo fcinfo)
        : info_(reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo)) {
        call([fcinfo] { start(fcinfo); });
    }

    Oid column_type(int column) const noexcept { return TupleDescAttr(info_->setDesc, column)->atttypid; }

    // Calls make(k, values, nulls) for k in [0, count) and stores the rows. `make` runs inside call(): plain
    // captures, and what it allocates is freed after each batch of rows.
    template <typename Make>
    void put(std::int64_t count, Make make) {
        call([info = info_, count, make] {
            constexpr std::int64_t kBatch = 4096;
            const MemoryContext batch =
                AllocSetContextCreate(CurrentMemoryContext, "personalize rows", ALLOCSET_DEFAULT_SIZES);
            const MemoryContext before = MemoryContextSwitchTo(batch);
            for (std::int64_t k = 0; k < count; k++) {
                if (k % kBatch == kBatch - 1) {
                    CHECK_FOR_INTERRUPTS();
                    MemoryContextReset(batch);
                }
                Datum values[kMaxColumns] = {};
                bool nulls[kMaxColumns] = {};
                make(k, values, nulls);
                tuplestore_putvalues(info->setResult, info->setDesc, values, nulls);
            }
            MemoryContextSwitchTo(before);
            MemoryContextDelete(batch);
        });
    }

  private:
    // The query knows the columns. To find them in the catalog costs microseconds, and memory until the query
    // ends, for each call.
    static void start(FunctionCallInfo fcinfo) {
        const auto* info = reinterpret_cast<const ReturnSetInfo*>(fcinfo->resultinfo);
        const bool is_known = info != nullptr && IsA(info, ReturnSetInfo) && info->expectedDesc != nullptr;
        InitMaterializedSRF(fcinfo, is_known ? MAT_SRF_USE_EXPECTED_DESC : 0);
    }

    static constexpr int kMaxColumns = 16;
    ReturnSetInfo* info_;
};

}  // namespace personalize::pg
