// drop_model, activate_model, grant_model, revoke_model.
#include "pg/bridge/arguments.hpp"
#include "pg/model_store/model_writer.hpp"

using personalize::pg::Arguments;

PERSONALIZE_FUNCTION(drop_model) {
    personalize::pg::drop_model(Arguments(fcinfo).text(0, "model"));
    PG_RETURN_VOID();
}

PERSONALIZE_FUNCTION(activate_model) {
    const Arguments arguments(fcinfo);
    personalize::pg::activate_version(arguments.text(0, "model"),
                                      arguments.integer(1, "version", 1, INT_MAX));
    PG_RETURN_VOID();
}

PERSONALIZE_FUNCTION(grant_model) {
    const Arguments arguments(fcinfo);
    personalize::pg::grant_model(arguments.text(0, "model"), arguments.text(1, "role"));
    PG_RETURN_VOID();
}

PERSONALIZE_FUNCTION(revoke_model) {
    const Arguments arguments(fcinfo);
    personalize::pg::revoke_model(arguments.text(0, "model"), arguments.text(1, "role"));
    PG_RETURN_VOID();
}
