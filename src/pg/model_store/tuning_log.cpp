#include "pg/model_store/tuning_log.hpp"

#include "pg/bridge/settings.hpp"
#include "pg/model_store/fixed_statement.hpp"
#include "pg/model_store/model_writer.hpp"

namespace personalize::pg {

TuningLog::TuningLog(const std::string& model) : model_(model), owner_(owner_of(model)) {
    const store::AsOwner as_owner;
    run_ = static_cast<int>(
        number_of("SELECT (coalesce(pg_catalog.max(run), 0) OPERATOR(pg_catalog.+) 1)::pg_catalog.int8 "
                  "FROM personalize.tuning_trial WHERE model OPERATOR(pg_catalog.=) $1",
                  model));
    Parameters()
        .text(model)
        .integer(run_ - settings::keep_versions())
        .execute(
            "DELETE FROM personalize.tuning_trial WHERE model OPERATOR(pg_catalog.=) $1 "
            "AND run OPERATOR(pg_catalog.<=) $2");
}

void TuningLog::write(const TuningRow& row) const {
    const store::AsOwner as_owner;
    const std::int64_t rows =
        Parameters()
            .text(model_)
            .integer(run_)
            .integer(row.trial)
            .text(owner_)
            .text(row.state)
            .text(row.metric)
            .optional_number(row.score)
            .optional_number(row.standard_error)
            .optional_number(row.popularity)
            .integer(row.users)
            .integer(row.iterations)
            .text(row.options)
            .number(row.seconds)
            .execute(
                "INSERT INTO personalize.tuning_trial (model, run, trial, owner, state, metric, score, "
                "standard_error, popularity, users, iterations, options, seconds, scored_at) "
                "VALUES ($1, $2::pg_catalog.int4, $3::pg_catalog.int4, $4::pg_catalog.name, $5, $6, $7, $8, "
                "$9, "
                "$10, $11::pg_catalog.int4, $12::pg_catalog.jsonb, $13, pg_catalog.clock_timestamp()) "
                "ON CONFLICT (model, run, trial) DO UPDATE SET state = excluded.state, score = "
                "excluded.score, "
                "standard_error = excluded.standard_error, popularity = excluded.popularity, "
                "users = excluded.users, iterations = excluded.iterations, seconds = excluded.seconds, "
                "scored_at = excluded.scored_at WHERE tuning_trial.owner OPERATOR(pg_catalog.=) "
                "excluded.owner");
    if (rows == 0)
        throw SqlError(ERRCODE_OBJECT_IN_USE,
                       "model \"" + model_ + "\" became another role's while it was tuned",
                       "Tune under another name.");
}

void TuningLog::forget(const std::string& model) {
    Parameters().text(model).execute(
        "DELETE FROM personalize.tuning_trial WHERE model OPERATOR(pg_catalog.=) $1");
}

bool TuningLog::forget_own(const std::string& model) {
    const std::string role = call([] { return GetUserNameFromId(GetUserId(), false); });
    const store::AsOwner as_owner;
    return Parameters().text(model).text(role).execute(
               "DELETE FROM personalize.tuning_trial WHERE model OPERATOR(pg_catalog.=) $1 "
               "AND owner OPERATOR(pg_catalog.=) $2::pg_catalog.name") > 0;
}

}  // namespace personalize::pg
