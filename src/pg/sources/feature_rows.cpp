#include "pg/sources/feature_rows.hpp"

#include <algorithm>
#include <cmath>

#include "core/segments/points.hpp"
#include "pg/sources/columns.hpp"
#include "pg/sources/partition_features.hpp"

namespace personalize::pg::sources {

namespace {

core::FeatureType type_of(const Feature& column) {
    switch (column.kind) {
        case FeatureKind::number:
            return core::FeatureType::number;
        case FeatureKind::boolean:
            return core::FeatureType::flag;
        case FeatureKind::text:
            return core::FeatureType::category;
        case FeatureKind::other:
            break;
    }
    throw SqlError(ERRCODE_DATATYPE_MISMATCH, "feature \"" + column.name + "\" is of type " + column.type,
                   "Features are numbers, booleans or texts: of a time take the days that have passed, for "
                   "example.");
}

class TableSink : public RowSink {
  public:
    TableSink(const std::vector<core::SegmentFeature>& features, core::MemoryClaim& claim,
              ProgressSlot* progress)
        : features_(features), builder_(features, claim), progress_(progress) {}

    void row(const Datum* values, const bool* nulls) override {
        for (std::size_t f = 0; f < features_.size(); f++) {
            if (is_missing(features_[f], values[f], nulls[f]))
                builder_.add_missing();
            else if (features_[f].type == core::FeatureType::category)
                builder_.add_text(text_of(values[f]));
            else
                builder_.add_number(DatumGetFloat8(values[f]));
        }
        if (++rows_ % kRowsPerReport == 0 && progress_ != nullptr) progress_->rows_read(rows_);
    }

    core::FeatureTable finish(core::MissingValues missing, core::Host& host) {
        return std::move(builder_).finish(missing, host);
    }

  private:
    static constexpr std::int64_t kRowsPerReport = 1024;

    const std::vector<core::SegmentFeature> features_;
    core::FeatureTableBuilder builder_;
    ProgressSlot* const progress_;
    std::int64_t rows_ = 0;
};

}  // namespace

std::vector<core::SegmentFeature> segment_features(const std::vector<Feature>& columns) {
    if (columns.empty())
        throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, "there are no features", "Name one column or more.");
    std::vector<core::SegmentFeature> features;
    for (const Feature& column : columns) {
        features.emplace_back();
        features.back().name = column.name;
        features.back().type = type_of(column);
    }
    return features;
}

std::vector<Feature> columns_of(Oid relation, const std::vector<core::SegmentFeature>& features) {
    std::vector<Feature> columns;
    for (const core::SegmentFeature& feature : features) {
        columns.push_back(feature_column(relation, feature.name, "data"));
        if (type_of(columns.back()) != feature.type)
            throw SqlError(ERRCODE_DATATYPE_MISMATCH,
                           "feature \"" + feature.name + "\" is of type " + columns.back().type +
                               ", and was of another kind when the model was trained",
                           "Train the model again, or cast the column in a view.");
    }
    return columns;
}

std::string feature_list(const std::vector<Feature>& features) {
    std::string list;
    for (const Feature& feature : features)
        list += (list.empty() ? "" : ", ") + (is_number(feature)
                                                  ? number_expression(feature)
                                                  : "s." + quoted(feature.name) + "::pg_catalog.text");
    return list;
}

std::string_view text_of(Datum value) noexcept {
    const auto* text = reinterpret_cast<const varlena*>(DatumGetPointer(value));
    return {VARDATA_ANY(text), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(text))};
}

bool is_missing(const core::SegmentFeature& feature, Datum value, bool is_null) {
    if (is_null) return true;
    if (feature.type != core::FeatureType::category) return std::isnan(DatumGetFloat8(value));
    return text_of(value).find_first_not_of(" \t\n\v\f\r") == std::string_view::npos;
}

core::FeatureTable read_features(Oid relation, const std::vector<Feature>& columns,
                                 core::MissingValues missing, core::MemoryClaim& claim, core::Host& host,
                                 ProgressSlot* progress) {
    TableSink sink(segment_features(columns), claim, progress);
    read_rows("SELECT " + feature_list(columns) + " FROM " + quoted_relation(relation) + " AS s", sink);
    return sink.finish(missing, host);
}

bool fill_columns(const std::vector<core::SegmentFeature>& features, const Datum* values, const bool* nulls,
                  double* columns) {
    for (std::size_t f = 0; f < features.size(); f++) {
        const core::SegmentFeature& feature = features[f];
        const bool missing = is_missing(feature, values[f], nulls[f]);
        if (feature.type == core::FeatureType::category) {
            if (missing && !feature.allows_missing) return false;
            std::fill_n(columns, feature.columns(), 0.);
            const int category = missing ? -1 : feature.find(text_of(values[f]));
            if (category >= 0) columns[category] = 1;
        } else {
            *columns = missing ? feature.fill : DatumGetFloat8(values[f]);
            if (std::isnan(*columns)) return false;
            check_features(columns, 1, " (\"" + feature.name + "\")");
        }
        columns += feature.columns();
    }
    return true;
}

}  // namespace personalize::pg::sources
