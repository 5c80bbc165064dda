// experiment_group: which answer a user gets.
#include "core/evaluation/experiment_group.hpp"

#include "pg/bridge/arguments.hpp"
#include "pg/bridge/ids.hpp"

PERSONALIZE_FUNCTION(experiment_group) {
    using namespace personalize::pg;
    const Arguments arguments(fcinfo);
    const std::string experiment = arguments.text(1, "experiment");
    const auto shares = arguments.numbers(2, "shares");
    personalize::core::check_shares(shares);
    if (arguments.is_null(0)) PG_RETURN_NULL();
    const auto user = id_of_any(arguments.datum(0), arguments.type(0), "user");
    const auto group = personalize::core::experiment_group(user, experiment, shares);
    if (!group) PG_RETURN_NULL();
    PG_RETURN_INT32(*group);
}
