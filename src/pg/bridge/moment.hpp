// How long a C function may remember what it has read.
#pragma once

#include <cstdint>

#include "pg/bridge/guard.hpp"

namespace personalize::pg {

// What a snapshot shows can only change with these: between the same xmin and xmax transactions only end, and
// then fewer are left in progress.
struct Moment {
    TransactionId xmin, xmax;
    std::uint32_t in_progress;
    std::int32_t subtransactions;
    CommandId command;
    Oid role;
    friend bool operator==(const Moment&, const Moment&) = default;

    static Moment now() noexcept {
        const Snapshot snapshot = GetActiveSnapshot();
        return {snapshot->xmin,    snapshot->xmax,   snapshot->xcnt,
                snapshot->subxcnt, snapshot->curcid, GetUserId()};
    }
};

// A simple expression of PL/pgSQL keeps the function's memory over statements, between which settings that a
// policy or a view asks for may change. Its snapshot tells: no query holds it.
inline bool within_a_query() noexcept { return GetActiveSnapshot()->regd_count > 0; }

}  // namespace personalize::pg
