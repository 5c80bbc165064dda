// segment_drift: the rows of today beside those of a training of segments.
#include "core/segments/segment_drift.hpp"

#include <cmath>

#include "pg/bridge/arguments.hpp"
#include "pg/bridge/write_rows.hpp"
#include "pg/model_store/loaded_model.hpp"
#include "pg/sources/columns.hpp"
#include "pg/sources/feature_rows.hpp"
#include "pg/sources/source_relation.hpp"

namespace personalize::pg {

namespace {

class DriftSink : public RowSink {
  public:
    DriftSink(const sources::RowFeatures& features, int columns, core::DriftCounter& counter)
        : features_(features), counter_(counter), columns_(static_cast<std::size_t>(columns)) {}

    void row(const Datum* values, const bool* nulls) override {
        const bool complete = features_.fill(values, nulls, columns_.data());
        counter_.add(complete ? columns_.data() : nullptr);
    }

  private:
    const sources::RowFeatures& features_;
    core::DriftCounter& counter_;
    std::vector<double> columns_;
};

// Inside call().
void fill(const core::DriftRow& row, Datum* values, bool* nulls) {
    values[0] = text_datum(row.kind);
    nulls[1] = row.name.empty();
    values[1] = text_datum(row.name);
    const double numbers[] = {row.then, row.now, row.index};
    for (int k = 0; k < 3; k++) {
        nulls[2 + k] = std::isnan(numbers[k]);
        values[2 + k] = Float8GetDatum(numbers[k]);
    }
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(segment_drift) {
    using namespace personalize::pg;
    const Arguments arguments(fcinfo);
    const auto model = load_segments(arguments.text(0, "model"));
    const bool is_of_model = arguments.is_null(1);
    const Oid relation = is_of_model ? readable_source(*model, "Name a table with data => '...'.")
                                     : arguments.relation(1, "data");
    sources::hold_relation(relation);
    personalize::core::DriftCounter counter(model->segments());
    const auto& segments = model->segments().model();
    const sources::RowFeatures features(relation, segments.features);
    DriftSink sink(features, segments.columns(), counter);
    const std::string query = "SELECT " + features.list() + " FROM " + quoted_relation(relation) + " AS s";
    if (is_of_model)
        as_reader(relation, [&] { read_rows(query, sink); });
    else
        read_rows(query, sink);
    const auto rows = counter.finish();
    ResultRows(fcinfo).put(std::ssize(rows), [all = rows.data()](std::int64_t k, Datum* values, bool* nulls) {
        fill(all[k], values, nulls);
    });
    return 0;
}
