#include "pg/bridge/catalog_changes.hpp"

#include "pg/bridge/guard.hpp"

namespace personalize::pg {

namespace {

std::uint64_t changes = 0;

}  // namespace

std::uint64_t catalog_changes() noexcept { return changes; }

void follow_catalog_changes() {
    CacheRegisterRelcacheCallback([](Datum, Oid) { changes++; }, 0);
    CacheRegisterSyscacheCallback(
        NAMESPACEOID, [](Datum, int, uint32) { changes++; }, 0);
}

}  // namespace personalize::pg
