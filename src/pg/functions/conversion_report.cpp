// conversion_report: how often what was shown was followed by what was hoped for, by version of a model.
#include <algorithm>

#include "pg/bridge/arguments.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/bridge/write_rows.hpp"
#include "pg/sources/conversion_source.hpp"

namespace personalize::pg {

namespace {

// Positions of the SQL function's arguments.
enum Argument {
    kImpressions,
    kEvents,
    kWithin,
    kUserColumnName,
    kItemColumnName,
    kTimeColumnName,
    kKindColumnName,
    kReference,
    kConfidence,
};

// As an SQL expression.
std::string within_argument(const Arguments& arguments) {
    arguments.require(kWithin, "within");
    Interval* within = DatumGetIntervalP(arguments.datum(kWithin));
    const char* text = call(
        [within] { return DatumGetCString(DirectFunctionCall1(interval_out, IntervalPGetDatum(within))); });
    const bool allowed = call([within] {
        Interval none = {}, most = {};
        most.month = 100 * MONTHS_PER_YEAR;
        const auto compare = [within](Interval* with) {
            return DatumGetInt32(
                DirectFunctionCall2(interval_cmp, IntervalPGetDatum(within), IntervalPGetDatum(with)));
        };
        return compare(&none) > 0 && compare(&most) <= 0;
    });
    if (!allowed)
        throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, std::string("within is ") + text,
                       "Give an interval above 0 and up to 100 years, for example '7 days'.");
    return std::string(call([text] { return quote_literal_cstr(text); })) + "::pg_catalog.interval";
}

ConversionSource parse_source(const Arguments& arguments) {
    ConversionSource source = {};
    source.impressions = arguments.relation(kImpressions, "impressions");
    source.events = arguments.relation(kEvents, "events");
    source.within = within_argument(arguments);
    source.user_column = arguments.name(kUserColumnName, "user_column");
    source.item_column = arguments.name(kItemColumnName, "item_column");
    source.time_column = arguments.name(kTimeColumnName, "time_column");
    source.kind_column = arguments.optional_name(kKindColumnName);
    return source;
}

double confidence_argument(const Arguments& arguments) {
    arguments.require(kConfidence, "confidence");
    const double confidence = DatumGetFloat8(arguments.datum(kConfidence));
    core::check_confidence(confidence);
    return confidence;
}

// The version with that label, else the first of the model with that name, else an error with what there is.
int reference_version(const std::vector<ShownVersion>& versions, const std::optional<std::string>& name) {
    if (!name) return 0;
    const auto find = [&](auto matches) {
        return static_cast<int>(std::find_if(versions.begin(), versions.end(), matches) - versions.begin());
    };
    const int labelled = find([&](const ShownVersion& version) { return version.label() == *name; });
    if (labelled < std::ssize(versions)) return labelled;
    const int named = find([&](const ShownVersion& version) { return version.model == *name; });
    if (named < std::ssize(versions)) return named;
    std::string list;
    for (const auto& version : versions)
        if (list.size() < 500) list += (list.empty() ? "'" : ", '") + version.label() + "'";
    throw SqlError(ERRCODE_UNDEFINED_OBJECT, "reference \"" + *name + "\" was never shown",
                   "Use one of " + list + ".");
}

// What one row of the report is made of; plain where PostgreSQL is called.
struct ConversionReport {
    const std::vector<ShownVersion>& versions;
    const std::vector<std::string>& kinds;  // empty: one without a name
    const core::LastTouch& touches;
    int reference;
    double confidence;

    // The reference, then the others in order.
    int version_at(int place) const noexcept {
        if (place == 0) return reference;
        return place <= reference ? place - 1 : place;
    }
    core::Comparison comparison(int kind, int version) const noexcept {
        if (version == reference) return {{}, {}, core::Verdict::reference};
        return core::compare(touches.sums(kind, reference), touches.sums(kind, version),
                             touches.with_reference(kind, version), confidence);
    }
};

void put_float(std::optional<double> value, Datum& datum, bool& null) {
    null = !value;
    if (value) datum = Float8GetDatum(*value);
}

void put_names(const ConversionReport& report, int kind, const ShownVersion& version, Datum* values,
               bool* nulls) {
    if (!(nulls[0] = report.kinds.empty())) values[0] = text_datum(report.kinds[kind]);
    if (!(nulls[1] = !version.model)) values[1] = text_datum(*version.model);
    if (!(nulls[2] = !version.version)) values[2] = Int32GetDatum(*version.version);
}

// Inside call().
void put_row(const ConversionReport& report, int kind, int version, Datum* values, bool* nulls) {
    const core::RatioSums sums = report.touches.sums(kind, version);
    put_names(report, kind, report.versions[version], values, nulls);
    values[3] = Int64GetDatum(static_cast<std::int64_t>(sums.n));
    values[4] = Int64GetDatum(report.touches.pending(version));
    values[5] = Int64GetDatum(static_cast<std::int64_t>(sums.users));
    values[6] = Int64GetDatum(static_cast<std::int64_t>(sums.c));
    nulls[7] = nulls[8] = nulls[9] = sums.n <= 0;
    if (sums.n > 0) {
        const core::Rate rate = core::estimate(sums);
        const core::Interval interval = core::wilson(rate.rate, rate.effective, report.confidence);
        values[7] = Float8GetDatum(rate.rate);
        values[8] = Float8GetDatum(interval.low);
        values[9] = Float8GetDatum(interval.high);
    }
    const core::Comparison comparison = report.comparison(kind, version);
    put_float(comparison.lift, values[10], nulls[10]);
    put_float(comparison.p_value, values[11], nulls[11]);
    values[12] = CStringGetTextDatum(core::to_text(comparison.verdict));
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(conversion_report) {
    using namespace personalize::pg;
    const Arguments arguments(fcinfo);
    ConversionSource source = parse_source(arguments);
    const double confidence = confidence_argument(arguments);
    check_source(source);
    ResultRows rows(fcinfo);
    personalize::core::MemoryBudget budget(settings::max_memory());
    const auto versions = read_versions(source, budget);
    if (versions.empty()) return 0;
    const int reference = reference_version(versions, arguments.optional_text(kReference));
    const auto kinds = read_kinds(source, budget);
    const auto kind_count = std::max<std::int64_t>(1, std::ssize(kinds));
    personalize::core::LastTouch touches(static_cast<int>(versions.size()), static_cast<int>(kind_count),
                                         reference,
                                         call([] { return GetCurrentTransactionStartTimestamp(); }), &budget);
    read_touches(source, versions, kinds, touches);
    const ConversionReport report = {versions, kinds, touches, reference, confidence};
    const auto count = std::ssize(versions);
    rows.put(count * kind_count, [&report, count](std::int64_t k, Datum* values, bool* nulls) {
        put_row(report, static_cast<int>(k / count), report.version_at(static_cast<int>(k % count)), values,
                nulls);
    });
    return 0;
}
