// explain_recommendation: what each of a user's ratings adds to an item's score.
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/ids.hpp"
#include "pg/bridge/pg_host.hpp"
#include "pg/bridge/write_rows.hpp"
#include "pg/sources/item_arguments.hpp"
#include "pg/sources/user_state.hpp"

namespace personalize::pg {

namespace {

struct Line {
    std::int32_t item;  // or IdView::kNotFound
    double contribution;
    const char* reason;
};

std::vector<Line> lines_of(const core::ItemExplanation& explained, int n) {
    const core::Explanation& explanation = explained.explanation;
    const core::MostTelling told = core::most_telling(explanation, n);
    std::vector<Line> lines;
    for (const std::size_t k : told.observations)
        lines.push_back({explained.items[k], explanation.contributions[k], "item"});
    if (told.has_others) lines.push_back({core::IdView::kNotFound, told.others, "others"});
    if (explanation.baseline != 0)
        lines.push_back({core::IdView::kNotFound, explanation.baseline, "baseline"});
    return lines;
}

void put_lines(ResultRows& rows, core::IdView items, const std::vector<Line>& lines) {
    const Oid type = rows.column_type(0);
    rows.put(std::ssize(lines),
             [items, type, line = lines.data()](std::int64_t k, Datum* values, bool* nulls) {
                 nulls[0] = line[k].item == core::IdView::kNotFound;
                 if (!nulls[0]) values[0] = id_to_datum(items.at(line[k].item), type);
                 values[1] = Float4GetDatum(static_cast<float>(line[k].contribution));
                 values[2] = CStringGetTextDatum(line[k].reason);
             });
}

std::string right_call(const LoadedModel& model) {
    return std::string("explain_recommendation(user_id::") + type_name(model.parts().users.type()) +
           ", item_id::" + type_name(model.parts().items.type()) + ", n, " + quoted_name(model) + ")";
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(explain_recommendation) {
    using namespace personalize::pg;
    const Arguments arguments(fcinfo);
    const int n = arguments.integer(2, "n", 0, INT_MAX);
    const auto model = load_model(arguments.text(3, "model"));
    ResultRows rows(fcinfo);
    check_item_result(*model, rows.column_type(0), [&] { return right_call(*model); });
    if (arguments.is_null(0) || arguments.is_null(1)) return 0;
    const std::int32_t item = item_index(*model, arguments.datum(1), arguments.type(1));
    if (item == personalize::core::IdView::kNotFound) return 0;
    PgHost host;
    const auto explained = explanation_of(*model, {arguments.datum(0), arguments.type(0), false}, item, host);
    if (!explained.items.empty()) put_lines(rows, model->parts().items, lines_of(explained, n));
    return 0;
}
