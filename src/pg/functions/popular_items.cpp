// popular_items: what most users of the training chose.
#include <algorithm>

#include "pg/bridge/arguments.hpp"
#include "pg/bridge/ids.hpp"
#include "pg/bridge/write_rows.hpp"
#include "pg/sources/item_arguments.hpp"

PERSONALIZE_FUNCTION(popular_items) {
    using namespace personalize::pg;
    const Arguments arguments(fcinfo);
    const int n = arguments.integer(0, "n", 0, INT_MAX);
    const auto model = load_model(arguments.text(1, "model"));
    const auto& parts = model->parts();
    ResultRows rows(fcinfo);
    const Oid type = rows.column_type(0);
    check_item_result(*model, type, [&] {
        return "popular_items(" + std::to_string(n) + ", " + quoted_name(*model) + ", " +
               witness(parts.items.type()) + ")";
    });
    rows.put(std::min<std::int64_t>(n, parts.items.size()),
             [type, items = parts.items, order = parts.popular_order.data(),
              popularity = parts.popularity.data()](std::int64_t k, Datum* values, bool*) {
                 values[0] = id_to_datum(items.at(order[k]), type);
                 values[1] = Float4GetDatum(popularity[order[k]]);
             });
    return 0;
}
