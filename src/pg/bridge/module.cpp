#include "core/runtime/parallel.hpp"
#include "pg/bridge/guard.hpp"
#include "pg/bridge/progress.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/model_store/cache_files.hpp"

namespace {

// FATAL runs no destructors: threads must be gone before the process tears its memory down.
void at_exit(int, Datum) {
    personalize::core::stop_workers();
    personalize::pg::ProgressSlot::release_all();
}

}  // namespace

extern "C" {
PG_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

void _PG_init(void) {
    personalize::pg::settings::define();
    personalize::pg::cache_files::follow_transactions();
    before_shmem_exit(at_exit, 0);
}
}
