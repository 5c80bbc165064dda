// similar_items, similar_users: what is most alike, as the model sees it.
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/ids.hpp"
#include "pg/bridge/write_rows.hpp"
#include "pg/sources/item_arguments.hpp"
#include "pg/sources/user_state.hpp"

namespace personalize::pg {

namespace {

void put_similar(ResultRows& rows, core::IdView ids, const std::vector<core::Scored>& similar) {
    const Oid type = rows.column_type(0);
    rows.put(static_cast<std::int64_t>(similar.size()),
             [ids, type, best = similar.data()](std::int64_t k, Datum* values, bool*) {
                 values[0] = id_to_datum(ids.at(best[k].index), type);
                 values[1] = Float4GetDatum(best[k].score);
             });
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(similar_items) {
    using namespace personalize::pg;
    const Arguments arguments(fcinfo);
    const int n = arguments.integer(1, "n", 0, INT_MAX);
    const auto model = load_model(arguments.text(2, "model"));
    ResultRows rows(fcinfo);
    if (arguments.is_null(0)) return 0;
    const std::int32_t item = item_index(*model, arguments.datum(0), arguments.type(0));
    if (item == personalize::core::IdView::kNotFound) return 0;
    std::vector<personalize::core::Scored> similar;
    model->recommender().similar_items(item, n, similar);
    put_similar(rows, model->parts().items, similar);
    return 0;
}

PERSONALIZE_FUNCTION(similar_users) {
    using namespace personalize::pg;
    const Arguments arguments(fcinfo);
    const UserArgument user = {arguments.datum(0), arguments.type(0), arguments.is_null(0)};
    const int n = arguments.integer(1, "n", 0, INT_MAX);
    const auto model = load_model(arguments.text(2, "model"));
    ResultRows rows(fcinfo);
    const UserState state = user_state(*model, user);
    if (!state.taste.personal) return 0;
    std::vector<personalize::core::Scored> similar;
    model->recommender().similar_users(state.taste, user_index(*model, user), n, similar);
    put_similar(rows, model->parts().users, similar);
    return 0;
}
