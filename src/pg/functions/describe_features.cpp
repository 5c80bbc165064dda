// describe_features: the columns of a relation, one row each.
#include <algorithm>
#include <cmath>

#include "core/prepare/number_summary.hpp"
#include "core/runtime/memory_claim.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/pg_host.hpp"
#include "pg/bridge/read_rows.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/bridge/unused_memory.hpp"
#include "pg/bridge/write_rows.hpp"
#include "pg/sources/features.hpp"

namespace personalize::pg {

namespace {

struct Description {
    std::int64_t rows = 0, missing = 0;
    std::optional<std::int64_t> distinct;
    std::optional<core::NumberSummary> numbers;
};

std::string counts_query(Oid relation, const sources::Feature& feature) {
    const std::string from = " FROM " + quoted_relation(relation) + " AS s";
    const std::string there = sources::present_condition(feature);
    const std::string distinct = feature.has_equality
                                     ? "(SELECT pg_catalog.count(*) FROM (SELECT DISTINCT s." +
                                           quoted(feature.name) + from + " WHERE " + there + ") AS d)"
                                     : "NULL::pg_catalog.int8";
    return "SELECT pg_catalog.count(*), pg_catalog.count(*) FILTER (WHERE " + there + "), " + distinct + from;
}

class CountsSink : public RowSink {
  public:
    explicit CountsSink(Description& description) : to_(description) {}

    void row(const Datum* values, const bool* nulls) override {
        to_.rows = DatumGetInt64(values[0]);
        to_.missing = to_.rows - DatumGetInt64(values[1]);
        if (!nulls[2]) to_.distinct = DatumGetInt64(values[2]);
    }

  private:
    Description& to_;
};

// All values of a column, for their quantiles: 8 bytes each, claimed while it lives.
class NumbersSink : public RowSink {
  public:
    explicit NumbersSink(std::int64_t expected)
        : budget_(settings::max_memory()), claim_(&budget_, "the values of a column") {
        core::grow(values_, static_cast<std::size_t>(expected), claim_);
    }

    // The condition has been checked by the server; but functions of a view may answer differently each time.
    void row(const Datum* values, const bool* nulls) override {
        if (nulls[0] || std::isnan(DatumGetFloat8(values[0]))) return;
        core::grow(values_, values_.size() + 1, claim_);
        values_.push_back(DatumGetFloat8(values[0]));
    }
    std::span<double> values() noexcept { return values_; }

  private:
    core::MemoryBudget budget_;
    core::MemoryClaim claim_;
    std::vector<double> values_;
};

std::optional<core::NumberSummary> read_numbers(Oid relation, const sources::Feature& feature,
                                                std::int64_t expected) {
    NumbersSink numbers(expected);
    read_rows("SELECT " + sources::number_expression(feature) + " FROM " + quoted_relation(relation) +
                  " AS s WHERE " + sources::present_condition(feature),
              numbers);
    if (numbers.values().empty()) return std::nullopt;
    PgHost host;
    return core::summarize_numbers(numbers.values(), host);
}

Description describe(Oid relation, const sources::Feature& feature) {
    Description result;
    CountsSink counts(result);
    read_rows(counts_query(relation, feature), counts);
    if (sources::is_number(feature))
        result.numbers = read_numbers(relation, feature, result.rows - result.missing);
    return result;
}

// Inside call().
void fill(const sources::Feature& feature, const Description& description, Datum* values, bool* nulls) {
    values[0] = DirectFunctionCall1(namein, CStringGetDatum(feature.name.c_str()));
    values[1] = CStringGetTextDatum(feature.type.c_str());
    values[2] = Int64GetDatum(description.rows);
    values[3] = Int64GetDatum(description.missing);
    nulls[4] = !description.distinct;
    values[4] = Int64GetDatum(description.distinct.value_or(0));
    const auto& numbers = description.numbers;
    if (!numbers) {
        std::fill(nulls + 5, nulls + 13, true);
        return;
    }
    nulls[5] = nulls[6] = !numbers->mean;
    values[5] = Float8GetDatum(numbers->mean.value_or(0));
    values[6] = Float8GetDatum(numbers->deviation.value_or(0));
    values[7] = Float8GetDatum(numbers->minimum);
    values[8] = Float8GetDatum(numbers->q1);
    values[9] = Float8GetDatum(numbers->median);
    values[10] = Float8GetDatum(numbers->q3);
    values[11] = Float8GetDatum(numbers->maximum);
    values[12] = Int64GetDatum(numbers->outliers);
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(describe_features) {
    using namespace personalize::pg;
    const ReturnsUnusedMemory at_end;
    const Arguments arguments(fcinfo);
    const Oid relation = arguments.relation(0, "data");
    const auto features = sources::features_argument(relation, arguments, 1, "columns");
    ResultRows rows(fcinfo);
    for (const sources::Feature& feature : features) {
        const Description description = describe(relation, feature);
        rows.put(1, [&feature, &description](std::int64_t, Datum* values, bool* nulls) {
            fill(feature, description, values, nulls);
        });
    }
    return 0;
}
