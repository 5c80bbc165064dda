// experiment_group: which answer a user gets.
#include "core/evaluation/experiment_group.hpp"

#include "pg/bridge/arguments.hpp"
#include "pg/bridge/arrays.hpp"
#include "pg/bridge/ids.hpp"

namespace personalize::pg {

namespace {

std::span<const double> shares_argument(const Arguments& arguments) {
    arguments.require(2, "shares");
    ArrayType* array = one_dimensional(arguments.datum(2), "the array of shares");
    if (const int place = first_null(array); place > 0)
        throw SqlError(ERRCODE_NULL_VALUE_NOT_ALLOWED,
                       "element " + std::to_string(place) + " of the shares is NULL",
                       "Give each group its share of the users.");
    const auto shares = elements<double>(array);
    core::check_shares(shares);
    return shares;
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(experiment_group) {
    using namespace personalize::pg;
    const Arguments arguments(fcinfo);
    const std::string experiment = arguments.text(1, "experiment");
    const auto shares = shares_argument(arguments);
    if (arguments.is_null(0)) PG_RETURN_NULL();
    const auto user = id_of_any(arguments.datum(0), arguments.type(0), "user");
    const auto group = personalize::core::experiment_group(user, experiment, shares);
    if (!group) PG_RETURN_NULL();
    PG_RETURN_INT32(*group);
}
