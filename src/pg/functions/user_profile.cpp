// user_profile_rows: what a model knows of a user, as rows to read. user_profile, in SQL, adds their segment.
#include "core/model/user_profile.hpp"

#include "pg/bridge/arguments.hpp"
#include "pg/bridge/ids.hpp"
#include "pg/bridge/pg_host.hpp"
#include "pg/bridge/write_rows.hpp"
#include "pg/sources/columns.hpp"
#include "pg/sources/user_state.hpp"

namespace personalize::pg {

namespace {

std::vector<core::ProfileRow> profile_of(LoadedModel& model, const UserArgument& argument) {
    UserRecord record = user_record(model, argument);
    if (argument.is_null) record.history.emplace(model.parts().items);  // of nobody, there is none
    core::KnownUser user = {.taste = record.state.taste,
                            .seen = record.state.seen,
                            .was_trained = user_index(model, argument) != core::IdView::kNotFound,
                            .history = record.history ? &*record.history : nullptr,
                            .has_ratings = model.source().rating_column.has_value(),
                            .has_times = model.source().time_column.has_value(),
                            .first_time = {},
                            .last_time = {}};
    if (OidIsValid(record.relation) && user.has_times) {
        const Oid type = sources::column_type(record.relation, *model.source().time_column, "time_column");
        user.first_time = sources::time_text(record.history->first_time(), type);
        user.last_time = sources::time_text(record.history->last_time(), type);
    }
    PgHost host;
    return naming_model(model.name(), model.row().version,
                        [&] { return core::user_profile(model.recommender(), model.parts(), user, host); });
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(user_profile_rows) {
    using namespace personalize::pg;
    const Arguments arguments(fcinfo);
    const auto model = load_model(arguments.text(1, "model"));
    ResultRows rows(fcinfo);
    const auto profile = profile_of(*model, {arguments.datum(0), arguments.type(0), arguments.is_null(0)});
    rows.put(std::ssize(profile), [items = model->parts().items, all = profile.data()](
                                      std::int64_t k, Datum* values, bool* nulls) {
        const auto& row = all[k];
        values[0] =
            PointerGetDatum(cstring_to_text_with_len(row.aspect.data(), static_cast<int>(row.aspect.size())));
        values[1] = row.item == personalize::core::IdView::kNotFound
                        ? text_datum(row.name)
                        : id_to_datum(items.at(row.item), TEXTOID);
        nulls[2] = !row.value;
        values[2] = Float8GetDatum(row.value.value_or(0));
        nulls[3] = row.detail.empty();
        values[3] = text_datum(row.detail);
    });
    return 0;
}
