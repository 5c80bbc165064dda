// user_factors, item_factors: what a factorization learnt, as rows.
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/ids.hpp"
#include "pg/bridge/write_rows.hpp"
#include "pg/sources/item_arguments.hpp"

namespace personalize::pg {

namespace {

// `bias_column` is the place of the bias in a row, or -1: then it is NULL. Inside call().
void fill(core::IdView ids, core::FactorsView factors, int rank, int bias_column, Oid type, std::int64_t row,
          Datum* values, bool* nulls) {
    const float* factor = factors.row(row);
    auto* elements = static_cast<Datum*>(palloc(sizeof(Datum) * rank));
    for (int d = 0; d < rank; d++) elements[d] = Float4GetDatum(factor[d]);
    values[0] = id_to_datum(ids.at(row), type);
    values[1] =
        PointerGetDatum(construct_array(elements, rank, FLOAT4OID, sizeof(float4), true, TYPALIGN_INT));
    nulls[2] = bias_column < 0;
    if (bias_column >= 0) values[2] = Float4GetDatum(factor[bias_column]);
}

void require_factors(const LoadedModel& model) {
    if (model.parts().kind == core::ModelKind::factors) return;
    throw SqlError(ERRCODE_WRONG_OBJECT_TYPE, "model \"" + model.name() + "\" has no factors",
                   "Ask a model that train_mf made.");
}

void put_factors(ResultRows& rows, core::IdView ids, core::FactorsView factors, int rank, int bias_column) {
    const Oid type = rows.column_type(0);
    rows.put(ids.size(), [=](std::int64_t row, Datum* values, bool* nulls) {
        fill(ids, factors, rank, bias_column, type, row, values, nulls);
    });
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(user_factors) {
    using namespace personalize::pg;
    const auto model = load_model(Arguments(fcinfo).text(0, "model"));
    require_factors(*model);
    const auto& parts = model->parts();
    ResultRows rows(fcinfo);
    check_user_result(*model, rows.column_type(0), [&] {
        return "user_factors(" + quoted_name(*model) + ", " + witness(parts.users.type()) + ")";
    });
    const int rank = parts.objective.rank;
    put_factors(rows, parts.users, parts.user_factors, rank, parts.objective.has_biases() ? rank + 1 : -1);
    return 0;
}

PERSONALIZE_FUNCTION(item_factors) {
    using namespace personalize::pg;
    const auto model = load_model(Arguments(fcinfo).text(0, "model"));
    require_factors(*model);
    const auto& parts = model->parts();
    ResultRows rows(fcinfo);
    check_item_result(*model, rows.column_type(0), [&] {
        return "item_factors(" + quoted_name(*model) + ", " + witness(parts.items.type()) + ")";
    });
    const int rank = parts.objective.rank;
    put_factors(rows, parts.items, parts.item_factors, rank, parts.objective.has_biases() ? rank : -1);
    return 0;
}
