// Vectors of features of a partition of a window.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/runtime/bulk_memory.hpp"
#include "core/runtime/memory_claim.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/window.hpp"

namespace personalize::pg::sources {

struct PartitionFeatures {
    std::int64_t partition_rows = 0;
    int columns = 0;
    core::BulkVector<double> values;       // rows x columns, row after row: of the vectors that are not NULL
    core::BulkVector<std::int32_t> place;  // in the partition, of each of them

    std::int64_t rows() const noexcept { return std::ssize(place); }
};

// Of the window function's first argument, a float8[]. Memory is claimed first. Throws for vectors of unequal
// length or of none, and for elements that are NULL or not finite, with the number of the row.
PartitionFeatures read_partition_features(WindowObject window, core::MemoryClaim& claim);

// Checks the elements of one vector: finite, and at most core::kLargestFeature. `where`: " in row 3", or "".
void check_features(const double* features, int count, const std::string& where);

// An array of features, in place: of one dimension, without NULLs, finite.
std::span<const double> features_of(Datum array, const std::string& where);

}  // namespace personalize::pg::sources
