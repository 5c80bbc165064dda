#include "pg/sources/feature_rows.hpp"

#include <algorithm>
#include <cmath>

#include "pg/bridge/arrays.hpp"
#include "pg/sources/columns.hpp"

namespace personalize::pg::sources {

namespace {

core::FeatureType type_of(const Feature& column) {
    switch (column.kind) {
        case FeatureKind::number:
        case FeatureKind::vector:
            return core::FeatureType::number;
        case FeatureKind::boolean:
            return core::FeatureType::flag;
        case FeatureKind::text:
            return core::FeatureType::category;
        case FeatureKind::other:
            break;
    }
    throw SqlError(ERRCODE_DATATYPE_MISMATCH, "feature \"" + column.name + "\" is of type " + column.type,
                   "Features are numbers, booleans, texts or arrays of numbers: of a time take the days that "
                   "have passed, for example.");
}

std::string element_name(const std::string& column, int element) {
    return column + "[" + std::to_string(element) + "]";
}

// A vector's elements, kMissing where they are NULL, as is all of a NULL vector.
void read_vector(const Feature& column, Datum value, bool is_null, double* elements) {
    std::fill_n(elements, column.elements, core::kMissing);
    if (is_null) return;
    auto* const array = reinterpret_cast<ArrayType*>(DatumGetPointer(value));
    if (ARR_NDIM(array) != 1 || length(array) != column.elements)
        throw SqlError(ERRCODE_ARRAY_SUBSCRIPT_ERROR,
                       "a vector of feature \"" + column.name + "\" has " + std::to_string(length(array)) +
                           " elements in " + std::to_string(ARR_NDIM(array)) + " dimensions, and not " +
                           std::to_string(column.elements) + " in one",
                       "All vectors of a feature, now and at the training, must be of one length.");
    const bits8* const bitmap = ARR_NULLBITMAP(array);
    const double* next = reinterpret_cast<const double*>(ARR_DATA_PTR(array));
    for (int k = 0; k < column.elements; k++)
        if (bitmap == nullptr || (bitmap[k / 8] & (1 << (k % 8))) != 0) elements[k] = *next++;
}

std::string_view text_of(Datum value) noexcept {
    const auto* text = reinterpret_cast<const varlena*>(DatumGetPointer(value));
    return {VARDATA_ANY(text), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(text))};
}

// NULL, or nothing but white space.
bool is_blank(Datum text, bool is_null) {
    return is_null || text_of(text).find_first_not_of(" \t\n\v\f\r") == std::string_view::npos;
}

class TableSink : public RowSink {
  public:
    TableSink(const std::vector<Feature>& columns, core::MemoryClaim& claim, ProgressSlot* progress)
        : columns_(columns), builder_(segment_features(columns), claim), progress_(progress) {}

    void row(const Datum* values, const bool* nulls) override {
        for (std::size_t c = 0; c < columns_.size(); c++) {
            if (columns_[c].kind == FeatureKind::vector)
                add_vector(columns_[c], values[c], nulls[c]);
            else if (columns_[c].kind == FeatureKind::text)
                add_text(values[c], nulls[c]);
            else
                add_number(nulls[c] ? core::kMissing : DatumGetFloat8(values[c]));
        }
        if (++rows_ % kRowsPerReport == 0 && progress_ != nullptr) progress_->rows_read(rows_);
    }

    core::FeatureTable finish(core::MissingValues missing, core::Host& host) {
        return std::move(builder_).finish(missing, host);
    }

  private:
    static constexpr std::int64_t kRowsPerReport = 1024;

    void add_number(double x) {
        if (std::isnan(x))
            builder_.add_missing();
        else
            builder_.add_number(x);
    }
    void add_text(Datum value, bool is_null) {
        if (is_blank(value, is_null))
            builder_.add_missing();
        else
            builder_.add_text(text_of(value));
    }
    void add_vector(const Feature& column, Datum value, bool is_null) {
        vector_.resize(static_cast<std::size_t>(column.elements));
        read_vector(column, value, is_null, vector_.data());
        for (const double x : vector_) add_number(x);
    }

    const std::vector<Feature>& columns_;
    std::vector<double> vector_;
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
        const core::FeatureType type = type_of(column);
        if (column.kind != FeatureKind::vector) features.push_back({.name = column.name, .type = type});
        for (int k = 1; k <= column.elements; k++)
            features.push_back({.name = element_name(column.name, k), .type = type});
    }
    return features;
}

namespace {

class FirstNumber : public RowSink {
  public:
    void row(const Datum* values, const bool* nulls) override {
        if (!nulls[0]) number = DatumGetInt32(values[0]);
    }
    int number = -1;
};

int length_of_vectors(Oid relation, const Feature& column) {
    constexpr int kMostElements = 10000;
    FirstNumber length;
    const std::string value = "s." + quoted(column.name);
    read_rows("SELECT pg_catalog.cardinality(" + value + ") FROM " + quoted_relation(relation) +
                  " AS s WHERE " + value + " IS NOT NULL LIMIT 1",
              length);
    if (length.number >= 1 && length.number <= kMostElements) return length.number;
    throw SqlError(
        ERRCODE_INVALID_PARAMETER_VALUE,
        "feature \"" + column.name + "\" " +
            (length.number < 0 ? "has no vector in any row"
                               : "has vectors of " + std::to_string(length.number) + " elements"),
        "Give vectors of 1 to " + std::to_string(kMostElements) + " elements, or leave the feature out.");
}

[[noreturn]] void refuse_other_kind(const Feature& column) {
    throw SqlError(ERRCODE_DATATYPE_MISMATCH,
                   "feature \"" + column.name + "\" is of type " + column.type +
                       ", and was of another kind when the model was trained",
                   "Train the model again, or cast the column in a view.");
}

// The vector whose elements are features from `first` on, or nothing where they are not of one.
std::optional<Feature> vector_from(Oid relation, const std::vector<core::SegmentFeature>& features,
                                   std::size_t first) {
    const std::string& name = features[first].name;
    const std::string end = element_name("", 1);
    if (has_column(relation, name) || !name.ends_with(end)) return std::nullopt;
    const std::string column = name.substr(0, name.size() - end.size());
    if (!has_column(relation, column)) no_such_column(relation, column, kColumnHasGone);
    Feature vector = feature_column(relation, column, "features");
    if (vector.kind != FeatureKind::vector) refuse_other_kind(vector);
    while (first + vector.elements < features.size() &&
           features[first + vector.elements].name == element_name(column, vector.elements + 1))
        vector.elements++;
    return vector;
}

}  // namespace

namespace {

void refuse_ambiguous(Oid relation, const std::string& column, int element) {
    const std::string name = element_name(column, element);
    if (has_column(relation, name))
        throw SqlError(ERRCODE_AMBIGUOUS_COLUMN,
                       "\"" + name + "\" is a column, and as if an element of feature \"" + column + "\"",
                       "Rename one of them in a view.");
}

}  // namespace

void measure_vectors(Oid relation, std::vector<Feature>& columns) {
    for (Feature& column : columns) {
        if (column.kind != FeatureKind::vector) continue;
        column.elements = length_of_vectors(relation, column);
        // One behind the last would be taken for one more.
        for (int k = 1; k <= column.elements + 1; k++) refuse_ambiguous(relation, column.name, k);
    }
}

std::vector<Feature> columns_of(Oid relation, const std::vector<core::SegmentFeature>& features) {
    std::vector<Feature> columns;
    for (std::size_t f = 0; f < features.size(); f++) {
        if (auto vector = vector_from(relation, features, f)) {
            f += static_cast<std::size_t>(vector->elements) - 1;
            columns.push_back(std::move(*vector));
            continue;
        }
        if (!has_column(relation, features[f].name))
            no_such_column(relation, features[f].name, kColumnHasGone);
        columns.push_back(feature_column(relation, features[f].name, "features"));
        if (columns.back().kind == FeatureKind::vector || type_of(columns.back()) != features[f].type)
            refuse_other_kind(columns.back());
    }
    return columns;
}

std::string feature_list(const std::vector<Feature>& features) {
    std::string list;
    for (const Feature& feature : features) {
        if (!list.empty()) list += ", ";
        list += is_number(feature) ? number_expression(feature)
                                   : "s." + quoted(feature.name) +
                                         (feature.kind == FeatureKind::vector ? "::pg_catalog.float8[]"
                                                                              : "::pg_catalog.text");
    }
    return list;
}

core::FeatureTable read_features(Oid relation, const std::vector<Feature>& columns,
                                 core::MissingValues missing, core::MemoryClaim& claim, core::Host& host,
                                 ProgressSlot* progress) {
    TableSink sink(columns, claim, progress);
    read_rows("SELECT " + feature_list(columns) + " FROM " + quoted_relation(relation) + " AS s", sink);
    return sink.finish(missing, host);
}

namespace {

// The columns of a text; false where it is missing and must not be.
bool fill_category(const core::SegmentFeature& feature, Datum value, bool is_null, double* columns) {
    const bool missing = is_blank(value, is_null);
    if (missing && !feature.allows_missing) return false;
    std::fill_n(columns, feature.columns(), 0.);
    const int category = missing ? -1 : feature.find(text_of(value));
    if (category >= 0) columns[category] = 1;
    return true;
}

// A number that may be missing becomes what the model has for it; false where that is nothing.
bool complete(const core::SegmentFeature& feature, double& x) {
    if (std::isnan(x)) x = feature.fill;
    if (std::isnan(x)) return false;
    core::check_feature(feature, x);
    return true;
}

}  // namespace

bool RowFeatures::fill(const Datum* values, const bool* nulls, double* columns) const {
    const core::SegmentFeature* feature = features_.data();
    for (std::size_t c = 0; c < columns_.size(); c++) {
        if (columns_[c].kind == FeatureKind::text) {
            if (!fill_category(*feature, values[c], nulls[c], columns)) return false;
            columns += feature++->columns();
            continue;
        }
        const int count = columns_[c].kind == FeatureKind::vector ? columns_[c].elements : 1;
        if (columns_[c].kind == FeatureKind::vector)
            read_vector(columns_[c], values[c], nulls[c], columns);
        else
            *columns = nulls[c] ? core::kMissing : DatumGetFloat8(values[c]);
        for (int k = 0; k < count; k++)
            if (!complete(*feature++, *columns++)) return false;
    }
    return true;
}

}  // namespace personalize::pg::sources
