#include "pg/sources/user_state.hpp"

#include <cmath>

#include "pg/bridge/catalog.hpp"
#include "pg/bridge/ids.hpp"
#include "pg/sources/columns.hpp"
#include "pg/sources/source_relation.hpp"

namespace personalize::pg {

namespace {

core::Id user_id(const LoadedModel& model, const UserArgument& user) {
    const core::IdType type = model.parts().users.type();
    return id_from_datum(user.value, user.type, type, "user");
}

// A column that serving reads; name null: the model has none.
struct SourceColumn {
    const char* name;
    bool (*fits)(Oid type, const core::ModelParts& parts);
};

struct SourceColumns {
    SourceColumn columns[4];
};

SourceColumns columns_of(const Source& source) noexcept {
    const auto name = [](const std::optional<std::string>& column) {
        return column ? column->c_str() : nullptr;
    };
    using Parts = core::ModelParts;
    return {{
        {source.user_column.c_str(),
         [](Oid type, const Parts& parts) { return id_type_of_column(type) == parts.users.type(); }},
        {source.item_column.c_str(),
         [](Oid type, const Parts& parts) { return id_type_of_column(type) == parts.items.type(); }},
        {name(source.rating_column), [](Oid type, const Parts&) { return sources::is_rating(type); }},
        {name(source.time_column), [](Oid type, const Parts&) { return sources::is_time(type); }},
    }};
}

// The source, if the current user may read what serving needs of it and trusts it; else InvalidOid. change:
// what of it is not as it was at the training; null where there is nothing, or nothing to be told.
struct Readable {
    Oid relation;
    const char* change;
};

// PostgreSQL calls.
const char* change_of(const Source& source, const char* column, Oid new_type) {
    const char* const what =
        OidIsValid(new_type) ? psprintf("now of type %s", format_type_be(new_type)) : "gone";
    return psprintf("column \"%s\" of %s.%s is %s", column, source.schema.c_str(), source.relation.c_str(),
                    what);
}
const char* gone(const Source& source) {
    return psprintf("%s.%s is gone", source.schema.c_str(), source.relation.c_str());
}

Readable look_at_source(const LoadedModel& model) {
    return call([&model, &source = model.source(), wanted = columns_of(model.source())]() -> Readable {
        const Oid relation = source_relation(source, model.row().owner);
        if (!OidIsValid(relation)) return {InvalidOid, is_gone(source) ? gone(source) : nullptr};
        Readable readable = {relation, nullptr};
        const Oid reader = reader_of(relation);
        for (const auto& [name, fits] : wanted.columns) {
            if (name == nullptr) continue;
            const AttrNumber number = get_attnum(relation, name);
            const bool is_there = number != InvalidAttrNumber;
            const Oid type = is_there ? get_atttype(relation, number) : InvalidOid;
            const bool has_changed = !is_there || !fits(getBaseType(type), model.parts());
            if (has_changed) readable.change = change_of(source, name, type);
            if (has_changed || !may_read_column(relation, number, reader)) readable.relation = InvalidOid;
        }
        return readable;
    });
}

// Once in a session for a version of a model.
void tell_of_change(LoadedModel& model, const char* change) {
    if (!model.is_first_warning()) return;
    call([&model, change] {
        ereport(
            WARNING,
            errmsg("model \"%s\" serves what was stored at its training: %s", model.name().c_str(), change),
            errhint("Train the model again, or put a view with the names and types of then in its place."));
    });
}

class HistorySink : public RowSink {
  public:
    HistorySink(core::IdType items, core::UserHistory& history) : items_(items), history_(history) {}

    void row(const Datum* values, const bool* nulls) override {
        if (nulls[0] || nulls[1]) return;
        const double time = nulls[2] ? -HUGE_VAL : DatumGetFloat8(values[2]);
        history_.add(sources::id_of(items_, values[0]), DatumGetFloat4(values[1]),
                     std::isnan(time) ? -HUGE_VAL : time);
    }

  private:
    const core::IdType items_;
    core::UserHistory& history_;
};

Datum id_parameter(const core::Id& id) {
    const Oid type = sources::parameter_type(id.type);
    return call([&id, type] { return id_to_datum(id, type); });
}

core::UserHistory read_history(LoadedModel& model, const core::Id& user, Oid relation) {
    core::UserHistory history(model.parts().items, model.parts().users.find(user));
    HistorySink sink(model.parts().items.type(), history);
    as_reader(relation, [&] { model.ratings_of_user(relation)->read(id_parameter(user), sink); });
    history.finish(model.source().on_duplicate);
    return history;
}

void take_current(LoadedModel& model, const core::UserHistory& history, UserState& state) {
    state.seen.assign(history.seen().begin(), history.seen().end());
    state.taste = model.recommender().current_taste(history);
}

void take_stored(LoadedModel& model, std::int32_t user, UserState& state) {
    if (user == core::IdView::kNotFound) return;
    state.seen = model.parts().seen.of(user);
    state.taste = model.recommender().stored_taste(user);
}

// The source, where the model is served from it; else InvalidOid.
Oid source_to_read(LoadedModel& model) {
    if (!model.source().fold_in) return InvalidOid;
    const Readable readable = look_at_source(model);
    if (readable.change != nullptr) tell_of_change(model, readable.change);
    return readable.relation;
}

[[noreturn]] void refuse_stored_factors(const LoadedModel& model) {
    throw SqlError(
        ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
        "model \"" + model.name() + "\" serves stored factors, without the ratings that they came of",
        "This needs a model with fold_in => true, the right to read its ratings, "
        "and their table with the columns and types of the training.");
}

// What was stored at training, where that is what the user has rated.
core::Observations stored_observations(LoadedModel& model, const core::Id& user) {
    const std::int32_t index = model.parts().users.find(user);
    if (index == core::IdView::kNotFound) return {};
    const core::ModelKind kind = model.parts().kind;
    if (kind == core::ModelKind::factors || kind == core::ModelKind::hybrid) refuse_stored_factors(model);
    core::Taste taste = model.recommender().stored_taste(index);
    if (!taste.personal) return {};
    return {std::move(taste.items), std::move(taste.values), index};
}

}  // namespace

std::int32_t user_index(const LoadedModel& model, const UserArgument& user) {
    if (user.is_null) return core::IdView::kNotFound;
    return model.parts().users.find(user_id(model, user));
}

UserState user_state(LoadedModel& model, const UserArgument& user) { return user_record(model, user).state; }

UserRecord user_record(LoadedModel& model, const UserArgument& user) {
    UserRecord record;
    if (user.is_null) return record;
    const core::Id id = user_id(model, user);
    record.relation = source_to_read(model);
    if (OidIsValid(record.relation))
        naming_model(model.name(), model.row().version, [&] {
            record.history.emplace(read_history(model, id, record.relation));
            take_current(model, *record.history, record.state);
        });
    else
        take_stored(model, model.parts().users.find(id), record.state);
    return record;
}

core::Observations observations_of(LoadedModel& model, const UserArgument& user) {
    if (user.is_null) return {};
    const core::Id id = user_id(model, user);
    if (const Oid relation = source_to_read(model); OidIsValid(relation))
        return read_history(model, id, relation).observations(model.parts().rule);
    return stored_observations(model, id);
}

core::ItemExplanation explanation_of(LoadedModel& model, const UserArgument& user, std::int32_t item,
                                     core::Host& host) {
    if (user.is_null) return {};
    const core::Id id = user_id(model, user);
    if (const Oid relation = source_to_read(model); OidIsValid(relation))
        return model.recommender().explain_current(read_history(model, id, relation), item, host);
    core::Observations stored = stored_observations(model, id);
    if (stored.items.empty()) return {};
    core::Explanation explanation = model.recommender().explain_told(stored, item, host);
    return {std::move(stored.items), std::move(explanation)};
}

}  // namespace personalize::pg
