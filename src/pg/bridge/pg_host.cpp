#include "pg/bridge/pg_host.hpp"

#include "core/runtime/threads.hpp"

namespace personalize::pg {

namespace {

// FATAL runs no destructors: threads must be gone before the process tears its memory down.
void at_exit(int, Datum) {
    core::stop_workers();
    ProgressSlot::release_all();
}

// Once in each process: what a preloading postmaster registers, its children forget.
void register_at_exit() {
    static int registered_in = 0;
    if (registered_in == MyProcPid) return;
    call([] { before_shmem_exit(at_exit, 0); });
    registered_in = MyProcPid;
}

}  // namespace

PgHost::PgHost(ProgressSlot* progress) : progress_(progress) { register_at_exit(); }

}  // namespace personalize::pg
