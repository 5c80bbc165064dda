// predict_rating_interval: what a user is expected to think of an item, and how sure that is.
#include "core/model/rating_interval.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/sources/item_arguments.hpp"
#include "pg/sources/user_state.hpp"

namespace personalize::pg {

namespace {

[[noreturn]] void no_interval(const LoadedModel& model) {
    throw SqlError(ERRCODE_WRONG_OBJECT_TYPE,
                   "model \"" + model.name() + "\" knows ratings, but not how sure they are",
                   "Train it with feedback => 'explicit', solver => 'gibbs'.");
}

// A row of NULLs where nothing can be said.
Datum interval_datum(FunctionCallInfo fcinfo, const std::optional<core::RatingInterval>& interval) {
    const core::RatingInterval* const found = interval ? &*interval : nullptr;
    return call([fcinfo, found] {
        TupleDesc description;
        if (get_call_result_type(fcinfo, nullptr, &description) != TYPEFUNC_COMPOSITE)
            elog(ERROR, "an interval must return a row");
        Datum values[3] = {};
        bool nulls[3] = {true, true, true};
        if (found != nullptr) {
            values[0] = Float4GetDatum(found->rating);
            values[1] = Float4GetDatum(found->lower);
            values[2] = Float4GetDatum(found->upper);
            nulls[0] = nulls[1] = nulls[2] = false;
        }
        return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(description), values, nulls));
    });
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(predict_rating_interval) {
    using namespace personalize::pg;
    namespace core = personalize::core;
    constexpr double kLeast = 1e-6;
    const Arguments arguments(fcinfo);
    const double coverage = arguments.double_precision(2, "coverage", kLeast, 1 - kLeast);
    const auto model = load_model(arguments.text(3, "model"));
    if (model->parts().posterior.samples == 0) no_interval(*model);
    std::optional<core::RatingInterval> interval;
    const std::int32_t item = arguments.is_null(0) || arguments.is_null(1)
                                  ? core::IdView::kNotFound
                                  : item_index(*model, arguments.datum(1), arguments.type(1));
    if (item != core::IdView::kNotFound) {
        const core::Observations observations =
            observations_of(*model, {arguments.datum(0), arguments.type(0), false});
        const auto distribution =
            model->recommender().predict_distribution(observations.items, observations.values, item);
        const core::FeedbackRule& rule = model->parts().rule;
        if (distribution) interval = core::interval_of(*distribution, coverage, rule.lowest, rule.highest);
    }
    return interval_datum(fcinfo, interval);
}
