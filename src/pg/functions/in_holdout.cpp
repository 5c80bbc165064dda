// in_holdout: which pairs of user and item are kept from training.
#include "core/evaluation/holdout.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/ids.hpp"

using namespace personalize::pg;

PERSONALIZE_FUNCTION(in_holdout) {
    const Arguments arguments(fcinfo);
    const double fraction = arguments.double_precision(2, "fraction", 0, 1);
    const auto seed = static_cast<std::uint64_t>(arguments.big_integer(3, "seed"));
    if (arguments.is_null(0) || arguments.is_null(1)) PG_RETURN_NULL();
    const auto user = id_of_any(arguments.datum(0), arguments.type(0), "user");
    const auto item = id_of_any(arguments.datum(1), arguments.type(1), "item");
    PG_RETURN_BOOL(personalize::core::in_holdout(user, item, fraction, seed));
}
