// rating_summary: what a ratings table holds, and what to do about it before training.
#include <cmath>

#include "core/ratings/rating_report.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/pg_host.hpp"
#include "pg/bridge/read_rows.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/bridge/unused_memory.hpp"
#include "pg/bridge/write_rows.hpp"
#include "pg/sources/columns.hpp"
#include "pg/sources/ratings_source.hpp"

namespace personalize::pg {

namespace {

enum Argument { kRatings, kUserColumn, kItemColumn, kRatingColumn, kTimeColumn, kLowest, kHighest };

std::optional<float> limit_argument(const Arguments& arguments, int position, const char* name) {
    const auto limit = arguments.optional_real(position);
    if (limit && !std::isfinite(*limit))
        throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, std::string(name) + " is not a finite number",
                       "Give the end of the scale of the ratings, or leave it out.");
    return limit;
}

core::RatingLimits limits_argument(const Arguments& arguments) {
    core::RatingLimits limits;
    limits.lowest = limit_argument(arguments, kLowest, "lowest");
    limits.highest = limit_argument(arguments, kHighest, "highest");
    if (!limits.lowest || !limits.highest || *limits.lowest <= *limits.highest) return limits;
    char message[128];
    std::snprintf(message, sizeof message, "lowest is %g and highest is %g", *limits.lowest, *limits.highest);
    throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, message, "Give lowest => the smaller of the two.");
}

RatingsSource source_argument(const Arguments& arguments) {
    Source columns;
    columns.user_column = arguments.name(kUserColumn, "user_column");
    columns.item_column = arguments.name(kItemColumn, "item_column");
    columns.rating_column = arguments.optional_name(kRatingColumn);
    columns.time_column = arguments.optional_name(kTimeColumn);
    return describe_source(arguments.relation(kRatings, "ratings"), columns);
}

// Type of the time column; InvalidOid where there is none.
Oid time_type(const RatingsSource& source) {
    if (!source.columns.time_column) return InvalidOid;
    return sources::column_type(source.relation, *source.columns.time_column, "time_column");
}

// The time of day as a column of that type would hold it, in seconds since 1970.
double now_as(Oid type) {
    const Timestamp now = call([type] {
        const TimestampTz instant = GetCurrentTimestamp();
        return type == TIMESTAMPTZOID ? instant
                                      : DatumGetTimestamp(DirectFunctionCall1(timestamptz_timestamp,
                                                                              TimestampTzGetDatum(instant)));
    });
    return static_cast<double>(now) / USECS_PER_SEC + sources::kSecondsTo2000;
}

std::string time_text(std::optional<double> seconds, Oid type) {
    return seconds ? sources::time_text(*seconds, type) : "";
}

class SummarySink : public RowSink {
  public:
    SummarySink(const RatingsSource& source, core::RatingCounter& counter)
        : user_type_(source.user_type), item_type_(source.item_type), counter_(counter) {}

    void row(const Datum* values, const bool* nulls) override {
        core::RatingRow row;
        if (!nulls[0]) row.user = sources::id_of(user_type_, values[0]);
        if (!nulls[1]) row.item = sources::id_of(item_type_, values[1]);
        if (!nulls[2]) row.rating = DatumGetFloat8(values[2]);
        if (!nulls[3]) row.time = DatumGetFloat8(values[3]);
        counter_.add(row);
    }

  private:
    const core::IdType user_type_, item_type_;
    core::RatingCounter& counter_;
};

std::string rating_expression(const RatingsSource& source) {
    const auto& column = source.columns.rating_column;
    if (!column) return "1::pg_catalog.float8";
    return sources::double_expression(sources::column_type(source.relation, *column, "rating_column"),
                                      "s." + quoted(*column));
}

core::RatingSummary summarize(const RatingsSource& source, const core::RatingLimits& limits) {
    const auto& columns = source.columns;
    core::MemoryBudget budget(settings::max_memory());
    core::RatingCounter counter(source.user_type, source.item_type, limits, budget);
    SummarySink sink(source, counter);
    read_rows("SELECT " + sources::id_expression(columns.user_column, source.user_type) + ", " +
                  sources::id_expression(columns.item_column, source.item_type) + ", " +
                  rating_expression(source) + ", " +
                  (columns.time_column ? sources::time_expression(source.relation, *columns.time_column)
                                       : "0::pg_catalog.float8") +
                  " FROM " + quoted_relation(source.relation) + " AS s",
              sink);
    PgHost host;
    return counter.finish(host);
}

void put_measures(FunctionCallInfo fcinfo, const std::vector<core::ReportRow>& measures) {
    ResultRows(fcinfo).put(static_cast<std::int64_t>(measures.size()),
                           [all = measures.data()](std::int64_t k, Datum* values, bool* nulls) {
                               values[0] = text_datum(all[k].name);
                               nulls[1] = !all[k].value;
                               values[1] = Float8GetDatum(all[k].value.value_or(0));
                               nulls[2] = all[k].detail.empty();
                               values[2] = text_datum(all[k].detail);
                           });
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(rating_summary) {
    using namespace personalize;
    const pg::ReturnsUnusedMemory at_end;
    const pg::Arguments arguments(fcinfo);
    const pg::RatingsSource source = pg::source_argument(arguments);
    core::RatingLimits limits = pg::limits_argument(arguments);
    const Oid time_type = pg::time_type(source);
    if (pg::sources::is_date(time_type)) limits.now = pg::now_as(time_type);

    const core::RatingSummary summary = pg::summarize(source, limits);
    core::ReportContext context;
    context.has_ratings = source.columns.rating_column.has_value();
    context.has_lowest = limits.lowest.has_value();
    context.has_highest = limits.highest.has_value();
    context.has_times = OidIsValid(time_type);
    context.times_are_dates = pg::sources::is_date(time_type);
    context.first_time = pg::time_text(summary.first_time, time_type);
    context.last_time = pg::time_text(summary.last_time, time_type);
    context.missing_index = pg::missing_index(source);
    pg::put_measures(fcinfo, core::report(summary, context));
    return 0;
}
