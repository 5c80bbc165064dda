// When what was looked up in the catalogs must be looked up again.
#pragma once

#include <cstdint>

namespace personalize::pg {

// Another number than before where this session may since have learnt of a change of any relation or schema,
// by itself or by others: of names, columns, types and rights.
std::uint64_t catalog_changes() noexcept;

// Once, when the library is loaded. A PostgreSQL call.
void follow_catalog_changes();

}  // namespace personalize::pg
