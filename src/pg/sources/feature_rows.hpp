// Rows of a relation as the features of segments.
#pragma once

#include <string>
#include <vector>

#include "core/segments/feature_table.hpp"
#include "pg/bridge/progress.hpp"
#include "pg/bridge/read_rows.hpp"
#include "pg/sources/features.hpp"

namespace personalize::pg::sources {

// Columns as features, and the features of a model as columns that the relation has now. Throws
// undefined_column, and datatype_mismatch for types that are neither number, boolean nor text (or no longer
// what they were).
std::vector<core::SegmentFeature> segment_features(const std::vector<Feature>& columns);
std::vector<Feature> columns_of(Oid relation, const std::vector<core::SegmentFeature>& features);

// The SELECT list of features, for a relation with the alias s: numbers as float8, texts as text.
std::string feature_list(const std::vector<Feature>& features);

// A value of such a list: missing where it is NULL, NaN or a text of nothing but white space.
bool is_missing(const core::SegmentFeature& feature, Datum value, bool is_null);
std::string_view text_of(Datum value) noexcept;

// All rows that the current user sees. progress: may be null.
core::FeatureTable read_features(Oid relation, const std::vector<Feature>& columns,
                                 core::MissingValues missing, core::MemoryClaim& claim, core::Host& host,
                                 ProgressSlot* progress);

// The features of one row as a model's columns. False where one is missing that the model has no value for.
bool fill_columns(const std::vector<core::SegmentFeature>& features, const Datum* values, const bool* nulls,
                  double* columns);

}  // namespace personalize::pg::sources
