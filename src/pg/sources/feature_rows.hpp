// Rows of a relation as the features of segments.
#pragma once

#include <string>
#include <vector>

#include "core/segments/feature_table.hpp"
#include "pg/bridge/progress.hpp"
#include "pg/bridge/read_rows.hpp"
#include "pg/sources/features.hpp"

namespace personalize::pg::sources {

// How many elements each vector among the columns has: as many as one of the rows. Throws
// invalid_parameter_value where there is none, or too many, and ambiguous_column.
void measure_vectors(Oid relation, std::vector<Feature>& columns);

// Columns as features, each element of a vector being one ("factor[1]"), and the features of a model as
// columns that the relation has now. Throws undefined_column, and datatype_mismatch for types that are
// neither number, boolean, text nor vector (or no longer what they were).
std::vector<core::SegmentFeature> segment_features(const std::vector<Feature>& columns);
std::vector<Feature> columns_of(Oid relation, const std::vector<core::SegmentFeature>& features);

// The SELECT list of features, for a relation with the alias s: numbers as float8, texts as text, vectors as
// float8[].
std::string feature_list(const std::vector<Feature>& features);

// All rows that the current user sees. progress: may be null.
core::FeatureTable read_features(Oid relation, const std::vector<Feature>& columns,
                                 core::MissingValues missing, core::MemoryClaim& claim, core::Host& host,
                                 ProgressSlot* progress);

// One row at a time as the columns of a model's features.
class RowFeatures {
  public:
    // Throws as columns_of() does. The features must live as long.
    RowFeatures(Oid relation, const std::vector<core::SegmentFeature>& features)
        : features_(features), columns_(columns_of(relation, features)) {}

    std::string list() const { return feature_list(columns_); }
    int count() const noexcept { return static_cast<int>(std::ssize(columns_)); }  // of values of that list
    // False where one is missing that the model has no value for. Throws invalid_parameter_value for one that
    // is not finite, array_subscript_error for a vector of another length than those of the training.
    bool fill(const Datum* values, const bool* nulls, double* columns) const;

  private:
    const std::vector<core::SegmentFeature>& features_;
    const std::vector<Feature> columns_;
};

}  // namespace personalize::pg::sources
