#include "pg/bridge/procedure.hpp"

namespace personalize::pg {

namespace {

bool is_nonatomic_call(FunctionCallInfo fcinfo) {
    const auto* context = fcinfo->context;
    return context != nullptr && IsA(context, CallContext) &&
           !reinterpret_cast<const CallContext*>(context)->atomic && !IsSubTransaction();
}

}  // namespace

ProcedureTransactions::ProcedureTransactions(FunctionCallInfo fcinfo)
    : caller_(CurrentMemoryContext), can_commit_(is_nonatomic_call(fcinfo)) {
    call([can_commit = can_commit_] {
        if (SPI_connect_ext(can_commit ? SPI_OPT_NONATOMIC : 0) != SPI_OK_CONNECT)
            elog(ERROR, "SPI_connect failed");
    });
}

void ProcedureTransactions::commit() {
    if (!can_commit_) return;
    call([] {
        SPI_commit();
        EnsurePortalSnapshotExists();
    });
}

void ProcedureTransactions::finish() {
    call([caller = caller_] {
        SPI_finish();
        MemoryContextSwitchTo(caller);
    });
}

}  // namespace personalize::pg
