// A summary of ratings as rows to read: measures with names that programs can rely on, and warnings with what
// to do about each.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/ratings/rating_summary.hpp"

namespace personalize::core {

struct ReportRow {
    std::string name;
    std::optional<double> value;  // nothing where there is none, as a median of no rows
    std::string detail;
};

// What the report says beside the counts.
struct ReportContext {
    bool has_ratings = true;  // false: every row counts 1
    bool has_lowest = false, has_highest = false;
    bool has_times = false;
    bool times_are_dates = false;       // else numbers of some unit
    std::string first_time, last_time;  // as text
    std::string missing_index;          // the statement that makes it; empty: nothing is missing
};

// In the order of doc/sql_reference.md; the warnings come last, each with the name "warning" and the number
// of rows or users that it is about.
std::vector<ReportRow> report(const RatingSummary& summary, const ReportContext& context);

}  // namespace personalize::core
