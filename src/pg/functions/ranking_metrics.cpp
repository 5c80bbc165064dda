// Metrics of a ranked array against an array of relevant items: precision_at and its sisters.
#include "core/evaluation/ranking_metrics.hpp"

#include <algorithm>
#include <limits>

#include "pg/bridge/arguments.hpp"
#include "pg/bridge/element_set.hpp"
#include "pg/bridge/settings.hpp"

namespace personalize::pg {

namespace {

ArrayType* array_or_none(const Arguments& arguments, int position, const char* name) {
    return arguments.is_null(position) ? nullptr : one_dimensional(arguments.datum(position), name);
}

template <typename Metric>
Datum measure(FunctionCallInfo fcinfo, Metric metric) {
    const Arguments arguments(fcinfo);
    const int k = arguments.integer(2, "k", 1, std::numeric_limits<int>::max());
    ArrayType* recommended = array_or_none(arguments, 0, "recommended");
    ArrayType* relevant = array_or_none(arguments, 1, "relevant");
    if (relevant == nullptr) PG_RETURN_NULL();
    core::MemoryBudget budget(settings::max_memory());
    const ElementSet set(relevant, budget);
    if (set.size() == 0) PG_RETURN_NULL();
    std::vector<std::uint8_t> hit;
    if (recommended != nullptr) hit = set.mark_first(recommended, std::min(k, length(recommended)), budget);
    PG_RETURN_FLOAT8(metric(core::RankedHits{hit, set.size(), k}));
}

}  // namespace

}  // namespace personalize::pg

using namespace personalize::pg;
namespace core = personalize::core;

PERSONALIZE_FUNCTION(precision_at) { return measure(fcinfo, core::precision); }
PERSONALIZE_FUNCTION(recall_at) {
    const bool capped = Arguments(fcinfo).boolean(3, "capped");
    return measure(fcinfo, capped ? core::recall_capped : core::recall);
}
PERSONALIZE_FUNCTION(f1_at) { return measure(fcinfo, core::f1); }
PERSONALIZE_FUNCTION(ndcg_at) { return measure(fcinfo, core::ndcg); }
PERSONALIZE_FUNCTION(average_precision_at) { return measure(fcinfo, core::average_precision); }
PERSONALIZE_FUNCTION(reciprocal_rank) { return measure(fcinfo, core::reciprocal_rank); }
PERSONALIZE_FUNCTION(hit_rate_at) { return measure(fcinfo, core::hit_rate); }
