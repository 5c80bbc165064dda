#include "pg/bridge/catalog_changes.hpp"
#include "pg/bridge/guard.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/model_store/cache_files.hpp"

extern "C" {
PG_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

void _PG_init(void) {
    personalize::pg::settings::define();
    personalize::pg::cache_files::follow_transactions();
    personalize::pg::follow_catalog_changes();
}
}
