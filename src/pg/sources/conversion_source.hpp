// What was shown and what happened then: two relations, read as one stream.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/evaluation/last_touch.hpp"
#include "core/ratings/ids.hpp"
#include "pg/bridge/guard.hpp"

namespace personalize::pg {

struct ConversionSource {
    Oid impressions;  // with the columns of personalize.impression
    Oid events;
    std::string user_column, item_column, time_column;  // of events
    std::optional<std::string> kind_column;
    std::string within;                                // an SQL expression of type interval
    core::IdType impression_types[2], event_types[2];  // of user and item ids; filled in by check_source()
};

struct ShownVersion {
    std::optional<std::string> model;
    std::optional<int> version;

    std::string label() const;  // 'default 3', or 'default' where there is no version
};

// Checks the columns of both and fills in their types. Throws undefined_table, wrong_object_type,
// undefined_column, datatype_mismatch.
void check_source(ConversionSource& source);

// What was shown: model 'default' first, then others by name; versions ascending, NULL last. Like the
// functions below it reads as the current user; what the lists take is reserved and not released.
std::vector<ShownVersion> read_versions(const ConversionSource& source, core::MemoryBudget& budget);
// The kinds of events since the first impression, in order of their bytes; none where there is no kind
// column.
std::vector<std::string> read_kinds(const ConversionSource& source, core::MemoryBudget& budget);
// Hands both relations to `touches`, whose versions and kinds are numbered as in the lists.
void read_touches(const ConversionSource& source, const std::vector<ShownVersion>& versions,
                  const std::vector<std::string>& kinds, core::LastTouch& touches);

}  // namespace personalize::pg
