// rfm_features: recency, frequency and monetary value of customers, from their orders.
#include <cmath>
#include <string>
#include <vector>

#include "core/runtime/memory_claim.hpp"
#include "core/segments/rfm.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/ids.hpp"
#include "pg/bridge/json.hpp"
#include "pg/bridge/read_rows.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/bridge/unused_memory.hpp"
#include "pg/bridge/write_rows.hpp"
#include "pg/sources/columns.hpp"
#include "pg/sources/features.hpp"

namespace personalize::pg {

namespace {

struct Orders {
    Oid relation;
    std::string customer_column, time_column, amount_column;
    core::IdType customer_type;
    std::optional<std::string> order_column, as_of;
    bool times_are_dates = false;
    Oid amount_type = InvalidOid;

    // Those at a time: NULL, infinite ones and NaN, which is above all, are none.
    std::string from() const {
        return " FROM " + quoted_relation(relation) + " AS s WHERE " + time() +
               " OPERATOR(pg_catalog.>) '-Infinity'::pg_catalog.float8 AND " + time() +
               " OPERATOR(pg_catalog.<) 'Infinity'::pg_catalog.float8";
    }
    std::string time() const { return sources::time_expression(relation, time_column); }
};

Orders parse_orders(const Arguments& arguments) {
    Orders orders{arguments.relation(0, "orders"),
                  arguments.name(1, "customer_column"),
                  arguments.name(2, "time_column"),
                  arguments.name(3, "amount_column"),
                  {},
                  arguments.optional_name(5),
                  arguments.optional_text(4)};
    sources::hold_relation(orders.relation);
    orders.customer_type =
        sources::id_column_type(orders.relation, orders.customer_column, "customer_column");
    if (orders.order_column) sources::column_type(orders.relation, *orders.order_column, "order_column");
    const Oid time = sources::column_type(orders.relation, orders.time_column, "time_column");
    orders.times_are_dates = time == TIMESTAMPOID || time == TIMESTAMPTZOID || time == DATEOID;
    const auto amount = sources::feature_column(orders.relation, orders.amount_column, "amount_column");
    if (amount.kind != sources::FeatureKind::number)
        throw SqlError(ERRCODE_DATATYPE_MISMATCH,
                       "amount_column \"" + orders.amount_column + "\" is of type " + amount.type,
                       "Name a column of numbers.");
    orders.amount_type = amount.base_type;
    return orders;
}

class OneNumber : public RowSink {
  public:
    void row(const Datum* values, const bool* nulls) override {
        if (!nulls[0]) number = DatumGetFloat8(values[0]);
    }
    double number = std::numeric_limits<double>::quiet_NaN();
};

// NaN: there are no orders.
double end_of(const Orders& orders) {
    if (orders.as_of) {
        const double end = sources::time_value(orders.relation, orders.time_column, *orders.as_of);
        if (std::isfinite(end)) return end;
        throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, "as_of is \"" + *orders.as_of + "\"",
                       "Give a finite time, or NULL for that of the last order.");
    }
    OneNumber latest;
    read_rows("SELECT pg_catalog.max(" + orders.time() + ")" + orders.from(), latest);
    return latest.number;
}

// What is added up: sums of floats would depend on the order of the rows, those of whole numbers and of
// numeric are exact. `real` by way of float8: its own cast keeps six digits.
std::string amount_expression(const Orders& orders) {
    const bool is_float = orders.amount_type == FLOAT4OID || orders.amount_type == FLOAT8OID;
    return "s." + quoted(orders.amount_column) + (is_float ? "::pg_catalog.float8::pg_catalog.numeric" : "");
}

// A row for each order: customer, time, amount. Rows of one order count once, at its first time.
std::string orders_query(const Orders& orders, const std::string& end) {
    const std::string customer = sources::id_expression(orders.customer_column, orders.customer_type);
    const std::string amount = amount_expression(orders);
    const std::string rows = orders.from() + " AND s." + quoted(orders.customer_column) +
                             " IS NOT NULL AND " + orders.time() + " OPERATOR(pg_catalog.<=) " + end;
    if (!orders.order_column)
        return "SELECT " + customer + " AS c, " + orders.time() + " AS t, " + amount + " AS a" + rows;
    return "SELECT " + customer + " AS c, pg_catalog.min(" + orders.time() + ") AS t, pg_catalog.sum(" +
           amount + ") AS a" + rows + " GROUP BY 1, s." + quoted(*orders.order_column);
}

struct Customer {
    std::int64_t number;
    std::string bytes;
    double amount;
    core::OrderTimes times;
};

class CustomersSink : public RowSink {
  public:
    CustomersSink(core::IdType type, core::MemoryClaim& claim) : type_(type), claim_(claim) {}

    void row(const Datum* values, const bool* nulls) override {
        const core::Id id = sources::id_of(type_, values[0]);
        core::grow(customers_, customers_.size() + 1, claim_);
        claim_.add(id.bytes.size());
        customers_.push_back(
            {id.integer,
             std::string(id.bytes),
             nulls[2] ? 0 : DatumGetFloat8(values[2]),
             {DatumGetInt64(values[1]), DatumGetFloat8(values[3]), DatumGetFloat8(values[4])}});
    }
    const std::vector<Customer>& customers() const noexcept { return customers_; }

  private:
    const core::IdType type_;
    core::MemoryClaim& claim_;
    std::vector<Customer> customers_;
};

core::Id id_of(const Customer& customer, core::IdType type) {
    core::Id id = core::Id::of(customer.number);
    id.type = type;
    id.bytes = customer.bytes;
    return id;
}

void check_amounts(const std::vector<Customer>& customers, core::IdType type) {
    for (const Customer& customer : customers)
        if (!std::isfinite(customer.amount))
            throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE,
                           "the amounts of customer " + to_string(id_of(customer, type)) + " add up to " +
                               number_text(customer.amount),
                           "Amounts must be finite: leave such orders out, in a view.");
}

// Inside call().
void fill(const Customer& customer, core::IdType id_type, Oid type, double end, double unit, Datum* values,
          bool* nulls) {
    values[0] = id_to_datum(id_of(customer, id_type), type);
    const core::OrderHabit habit = core::order_habit(customer.times, end, unit);
    values[1] = Float8GetDatum(habit.recency);
    values[2] = Int64GetDatum(customer.times.orders);
    values[3] = Float8GetDatum(customer.amount);
    values[4] = Float8GetDatum(habit.tenure);
    nulls[5] = !habit.mean_gap;
    values[5] = Float8GetDatum(habit.mean_gap.value_or(0));
}

std::string literal(double x) {
    return call([x] {
        const char* const digits = DatumGetCString(DirectFunctionCall1(float8out, Float8GetDatum(x)));
        return psprintf("'%s'::pg_catalog.float8", digits);
    });
}

void put_customers(ResultRows& rows, const Orders& orders, double end) {
    core::MemoryBudget budget(settings::max_memory());
    core::MemoryClaim claim(&budget, "the customers");
    CustomersSink sink(orders.customer_type, claim);
    const std::string sum = sources::double_expression(NUMERICOID, "pg_catalog.sum(o.a)::pg_catalog.numeric");
    read_rows("SELECT o.c, pg_catalog.count(*), " + sum +
                  ", pg_catalog.min(o.t), pg_catalog.max(o.t) FROM (" + orders_query(orders, literal(end)) +
                  ") AS o GROUP BY 1 ORDER BY 1",
              sink);
    check_amounts(sink.customers(), orders.customer_type);
    constexpr double kSecondsPerDay = 86400;
    const double unit = orders.times_are_dates ? kSecondsPerDay : 1;
    rows.put(std::ssize(sink.customers()),
             [all = sink.customers().data(), id_type = orders.customer_type, type = rows.column_type(0), end,
              unit](std::int64_t k, Datum* values, bool* nulls) {
                 fill(all[k], id_type, type, end, unit, values, nulls);
             });
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(rfm_features) {
    using namespace personalize::pg;
    const ReturnsUnusedMemory at_end;
    const Arguments arguments(fcinfo);
    const Orders orders = parse_orders(arguments);
    ResultRows rows(fcinfo);
    if (!can_return_id(orders.customer_type, rows.column_type(0)))
        throw SqlError(ERRCODE_DATATYPE_MISMATCH,
                       std::string("customers have ids of type ") + type_name(orders.customer_type),
                       std::string("Give all arguments, and as the last one NULL::") +
                           type_name(orders.customer_type) + ".");
    const double end = end_of(orders);
    if (!std::isnan(end)) put_customers(rows, orders, end);
    return 0;
}
