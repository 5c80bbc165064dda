// Window functions that divide a partition into segments at its first row.
#pragma once

#include "core/runtime/memory_budget.hpp"
#include "core/segments/feature_scaling.hpp"
#include "pg/sources/partition_features.hpp"

namespace personalize::pg {

// What a function makes of the partition's vectors, which it may change: for each the index of its segment,
// from 0, or less than 0.
using DividePartition = core::BulkVector<std::int32_t> (*)(sources::PartitionFeatures& features,
                                                           const Arguments& arguments,
                                                           core::MemoryClaim& claim);

// The segment of the current row, from 1; NULL where its vector is NULL, or in none. The arguments but the
// first are those of the partition's first row.
Datum segment_in_partition(FunctionCallInfo fcinfo, DividePartition divide);

// The argument `scale`: 'none', 'zscore', 'minmax' or 'robust'.
core::FeatureScaling scale_argument(const Arguments& arguments, int position);
const char* scale_name(core::FeatureScaling scaling) noexcept;

}  // namespace personalize::pg
