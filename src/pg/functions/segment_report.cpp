// segment_quality, segment_profile, segment_means: what the training of segments found, as rows.
#include <cmath>

#include "pg/bridge/arguments.hpp"
#include "pg/bridge/write_rows.hpp"
#include "pg/model_store/loaded_model.hpp"

namespace personalize::pg {

namespace {

// Inside call().
void set(Datum* values, bool* nulls, int column, std::optional<double> value) {
    nulls[column] = !value || std::isnan(*value);
    values[column] = Float8GetDatum(value.value_or(0));
}

// A column of the features, as segment_means() names it.
struct Column {
    std::string feature, category;
    bool has_category;
};

std::vector<Column> columns_of(const core::SegmentModel& model) {
    std::vector<Column> columns;
    for (const core::SegmentFeature& feature : model.features)
        for (int c = 0; c < feature.columns(); c++) {
            const bool is_category = feature.type == core::FeatureType::category;
            columns.push_back({feature.name, is_category ? feature.categories[c] : "", is_category});
        }
    return columns;
}

// Inside call().
void fill_mean(const core::SegmentModel& model, const Column* columns, std::int64_t k, Datum* values,
               bool* nulls) {
    const auto count = static_cast<std::int64_t>(model.means.size());
    const std::int64_t column = k % count;
    const int segment = static_cast<int>(k / count);
    values[0] = Int32GetDatum(segment + 1);
    values[1] = text_datum(columns[column].feature);
    nulls[2] = !columns[column].has_category;
    values[2] = text_datum(columns[column].category);
    values[3] = Float8GetDatum(model.segment_means[k]);
    values[4] = Float8GetDatum(model.means[column]);
    values[5] = Float8GetDatum(model.difference(segment, static_cast<std::size_t>(column)));
}

}  // namespace

}  // namespace personalize::pg

using namespace personalize::pg;

PERSONALIZE_FUNCTION(segment_quality) {
    const auto loaded = load_segments(Arguments(fcinfo).text(0, "model"));
    const auto& model = loaded->segments().model();
    ResultRows(fcinfo).put(1, [&model](std::int64_t, Datum* values, bool* nulls) {
        const auto& quality = model.quality;
        values[0] = Int32GetDatum(model.segments());
        values[1] = Int64GetDatum(model.rows);
        values[2] = Int64GetDatum(model.noise);
        set(values, nulls, 3, quality.inertia);
        set(values, nulls, 4, quality.silhouette);
        values[5] = Int64GetDatum(quality.silhouette_points);
        set(values, nulls, 6, quality.davies_bouldin);
        set(values, nulls, 7, quality.calinski_harabasz);
        set(values, nulls, 8, model.stability);
    });
    return 0;
}

PERSONALIZE_FUNCTION(segment_profile) {
    const Arguments arguments(fcinfo);
    const int most = arguments.integer(1, "features", 0, 1000);
    const auto loaded = load_segments(arguments.text(0, "model"));
    const auto& model = loaded->segments().model();
    std::vector<std::string> summaries;
    for (int s = 0; s < model.segments(); s++)
        summaries.push_back(personalize::core::describe_segment(model, s, most));
    ResultRows(fcinfo).put(model.segments(), [&model, &summaries](std::int64_t s, Datum* values, bool*) {
        values[0] = Int32GetDatum(static_cast<int>(s) + 1);
        values[1] = Int64GetDatum(model.sizes[s]);
        values[2] = Float8GetDatum(model.share(static_cast<int>(s)));
        values[3] = text_datum(summaries[s]);
    });
    return 0;
}

PERSONALIZE_FUNCTION(segment_means) {
    const auto loaded = load_segments(Arguments(fcinfo).text(0, "model"));
    const auto& model = loaded->segments().model();
    const auto columns = columns_of(model);
    ResultRows(fcinfo).put(std::ssize(model.segment_means),
                           [&model, names = columns.data()](std::int64_t k, Datum* values, bool* nulls) {
                               fill_mean(model, names, k, values, nulls);
                           });
    return 0;
}
