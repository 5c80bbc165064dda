#include "pg/sources/partition_features.hpp"

#include <cmath>
#include <cstring>

#include "core/segments/points.hpp"
#include "pg/bridge/arrays.hpp"

namespace personalize::pg::sources {

namespace {

// What is read of one row: plain data.
struct Row {
    bool is_null = true;
    int dimensions = 0, count = 0, null_element = 0;
};

[[noreturn]] void refuse_shape(const Row& row, int columns, const std::string& where) {
    if (row.null_element > 0)
        throw SqlError(ERRCODE_NULL_VALUE_NOT_ALLOWED,
                       "feature " + std::to_string(row.null_element) + where + " is NULL",
                       "Fill it, for example with fill_missing(), or make the whole vector NULL.");
    if (row.dimensions > 1)
        throw SqlError(ERRCODE_ARRAY_SUBSCRIPT_ERROR,
                       "the features" + where + " have " + std::to_string(row.dimensions) + " dimensions",
                       "Give a one-dimensional array.");
    if (row.count == 0)
        throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, "there are no features" + where,
                       "Give an array of numbers, or NULL.");
    throw SqlError(ERRCODE_ARRAY_SUBSCRIPT_ERROR,
                   "there are " + std::to_string(row.count) + " features" + where + ", and " +
                       std::to_string(columns) + " in rows before it",
                   "Every vector of a partition must be of the same length.");
}

std::string in_row(std::int64_t row) { return " in row " + std::to_string(row + 1) + " of the partition"; }

// Rows of a partition, a batch at a time. Stops before a row that does not fit `columns` (0: not known yet).
struct Batch {
    std::int64_t first, last;
    int columns;
    double* values;        // where those of the next vector go
    std::int32_t* places;  // and its place
    std::int64_t vectors = 0;
    Row odd;  // the row before which it stopped
};

// A PostgreSQL call: use inside call().
Row read_row(WindowObject window, std::int64_t r, const ArrayType** array) {
    Row row;
    bool is_out;
    const Datum datum = WinGetFuncArgInPartition(window, 0, static_cast<int>(r), WINDOW_SEEK_HEAD, false,
                                                 &row.is_null, &is_out);
    if (row.is_null) return row;
    ArrayType* const found = DatumGetArrayTypeP(datum);
    row.dimensions = ARR_NDIM(found);
    row.count = length(found);
    row.null_element = first_null(found);
    *array = found;
    return row;
}

Batch read_batch(WindowObject window, Batch batch) {
    return call([window, batch] {
        Batch done = batch;
        const MemoryContext memory =
            AllocSetContextCreate(CurrentMemoryContext, "personalize rows", ALLOCSET_DEFAULT_SIZES);
        const MemoryContext before = MemoryContextSwitchTo(memory);
        for (; done.first < done.last; done.first++) {
            const ArrayType* array = nullptr;
            const Row row = read_row(window, done.first, &array);
            if (row.is_null) continue;
            if (row.null_element > 0 || row.dimensions != 1 || row.count != done.columns) {
                done.odd = row;
                break;
            }
            std::memcpy(done.values, ARR_DATA_PTR(array),
                        sizeof(double) * static_cast<std::size_t>(row.count));
            *done.places++ = static_cast<std::int32_t>(done.first);
            done.values += row.count;
            done.vectors++;
        }
        MemoryContextSwitchTo(before);
        MemoryContextDelete(memory);
        return done;
    });
}

class Reader {
  public:
    Reader(WindowObject window, core::MemoryClaim& claim) : window_(window), claim_(claim) {
        result_.partition_rows = pg::partition_rows(window);
    }

    PartitionFeatures run() {
        std::int64_t next = 0;
        while (next < result_.partition_rows) {
            checkpoint();
            next = read_from(next);
        }
        resize(vectors_);
        return std::move(result_);
    }

  private:
    static constexpr std::int64_t kBatch = 1024;

    std::int64_t read_from(std::int64_t first) {
        const std::int64_t at = vectors_ * result_.columns;
        const Batch batch = read_batch(window_, {first,
                                                 std::min(first + kBatch, result_.partition_rows),
                                                 result_.columns,
                                                 result_.values.data() + at,
                                                 result_.place.data() + vectors_,
                                                 0,
                                                 {}});
        for (std::int64_t v = 0; v < batch.vectors; v++)
            check_features(result_.values.data() + at + v * result_.columns, result_.columns,
                           in_row(result_.place[vectors_ + v]));
        vectors_ += batch.vectors;
        if (batch.odd.is_null) return batch.last;
        if (result_.columns > 0 || batch.odd.null_element > 0 || batch.odd.dimensions != 1)
            refuse_shape(batch.odd, result_.columns, in_row(batch.first));
        result_.columns = batch.odd.count;
        claim_.add(static_cast<std::size_t>(result_.partition_rows) *
                   (static_cast<std::size_t>(result_.columns) * sizeof(double) + sizeof(std::int32_t)));
        resize(result_.partition_rows);
        return batch.first;
    }

    void resize(std::int64_t rows) {
        result_.values.resize(static_cast<std::size_t>(rows) * static_cast<std::size_t>(result_.columns));
        result_.place.resize(static_cast<std::size_t>(rows));
    }

    const WindowObject window_;
    core::MemoryClaim& claim_;
    PartitionFeatures result_;
    std::int64_t vectors_ = 0;
};

}  // namespace

PartitionFeatures read_partition_features(WindowObject window, core::MemoryClaim& claim) {
    return Reader(window, claim).run();
}

void check_features(const double* features, int count, const std::string& where) {
    for (int j = 0; j < count; j++) {
        if (std::fabs(features[j]) <= core::kLargestFeature) continue;
        char value[32];
        std::snprintf(value, sizeof value, "%g", features[j]);
        const std::string text = std::isnan(features[j])   ? "NaN"
                                 : std::isinf(features[j]) ? (features[j] > 0 ? "Infinity" : "-Infinity")
                                                           : value;
        throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE,
                       "feature " + std::to_string(j + 1) + where + " is " + text,
                       "Features must be finite, up to 1e150: replace the value, or make the whole vector "
                       "NULL.");
    }
}

std::span<const double> features_of(Datum datum, const std::string& where) {
    ArrayType* const array = call([datum] { return DatumGetArrayTypeP(datum); });
    const Row row{false, ARR_NDIM(array), length(array), first_null(array)};
    if (row.null_element > 0 || row.dimensions != 1) refuse_shape(row, 0, where);
    const auto features = elements<double>(array);
    check_features(features.data(), row.count, where);
    return features;
}

}  // namespace personalize::pg::sources
