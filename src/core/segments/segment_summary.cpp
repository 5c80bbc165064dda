// What segments are like in the units of their features: each column is a matter of its own.
#include <algorithm>
#include <cmath>

#include "core/prepare/quantiles.hpp"
#include "core/runtime/parallel.hpp"
#include "core/segments/segment_model.hpp"

namespace personalize::core {

namespace {

constexpr int kBins = 10;
// Half a cache line, so that each line of the table is read twice, not once for each column.
constexpr std::size_t kColumnsAtOnce = 4;

// visit(row), with stops between them.
template <class Visit>
void for_rows(std::size_t rows, Visit visit) {
    constexpr std::size_t kBetweenStops = 16384;
    for (std::size_t r = 0; r < rows; r++) {
        if (r % kBetweenStops == 0) stop_point();
        visit(r);
    }
}

// Puts the values in another order.
Bins bins_of(std::span<double> values) {
    std::vector<double> shares;
    for (int b = 1; b < kBins; b++) shares.push_back(static_cast<double>(b) / kBins);
    StoppingHost stopping;
    Bins bins;
    for (const double edge : quantiles(values, shares, stopping))
        if (bins.edges.empty() || edge > bins.edges.back()) bins.edges.push_back(edge);
    bins.shares.assign(bins.edges.size() + 1, 0);
    for_rows(values.size(), [&](std::size_t r) { bins.shares[bin_of(bins, values[r])]++; });
    for (double& share : bins.shares) share /= static_cast<double>(values.size());
    return bins;
}

// Of shares of the largest one, whose squares are finite.
double deviation_of(std::span<const double> values, double mean) {
    double reach = 0, squares = 0;
    for_rows(values.size(), [&](std::size_t r) { reach = std::max(reach, std::fabs(values[r] - mean)); });
    if (reach == 0) return 0;
    for_rows(values.size(), [&](std::size_t r) {
        const double d = (values[r] - mean) / reach;
        squares += d * d / static_cast<double>(values.size());
    });
    return std::sqrt(squares) * reach;
}

void fill_means(std::span<const double> values, std::span<const std::int32_t> segment, std::size_t column,
                SegmentModel& model) {
    long double sum = 0;
    std::vector<long double> sums(model.sizes.size());
    for_rows(values.size(), [&](std::size_t r) {
        sum += values[r];
        if (segment[r] >= 0) sums[segment[r]] += values[r];
    });
    model.means[column] = static_cast<double>(sum / static_cast<long double>(values.size()));
    for (std::size_t s = 0; s < sums.size(); s++)
        model.segment_means[s * model.means.size() + column] = static_cast<double>(
            sums[s] / static_cast<long double>(std::max<std::int64_t>(model.sizes[s], 1)));
}

// Columns of the table, one after the other, each in the points' order, so that roundings do not depend on
// that of the table's rows.
void gather(std::span<const double> table, const Points& points, std::size_t first, std::size_t count,
            BulkVector<double>& columns) {
    const auto rows = static_cast<std::size_t>(points.rows), stride = table.size() / rows;
    columns.resize(rows * count);
    for_rows(rows, [&](std::size_t r) {
        const double* const x = table.data() + static_cast<std::size_t>(points.origin[r]) * stride + first;
        for (std::size_t j = 0; j < count; j++) columns[j * rows + r] = x[j];
    });
}

void count_rows(std::span<const std::int32_t> segment, int segments, SegmentModel& model) {
    model.noise = 0;
    model.sizes.assign(static_cast<std::size_t>(segments), 0);
    for (const std::int32_t s : segment) s < 0 ? model.noise++ : model.sizes[s]++;
}

}  // namespace

void summarize_segments(std::span<const double> values, const Points& points,
                        std::span<const std::int32_t> segment, int segments, int threads, SegmentModel& model,
                        Host& host) {
    const auto columns = static_cast<std::size_t>(points.columns()),
               rows = static_cast<std::size_t>(points.rows);
    model.rows = points.rows;
    count_rows(segment, segments, model);
    model.means.assign(columns, 0);
    model.deviations.assign(columns, 0);
    model.segment_means.assign(columns * model.sizes.size(), 0);
    model.bins.assign(columns, {});
    const std::size_t groups = (columns + kColumnsAtOnce - 1) / kColumnsAtOnce;
    parallel_chunks(host, threads, static_cast<std::int64_t>(groups), [&]() -> ChunkBody {
        return [&, gathered = BulkVector<double>()](std::int64_t group) mutable {
            const std::size_t first = static_cast<std::size_t>(group) * kColumnsAtOnce,
                              count = std::min(kColumnsAtOnce, columns - first);
            gather(values, points, first, count, gathered);
            for (std::size_t j = 0; j < count; j++) {
                const std::span column(gathered.data() + j * rows, rows);
                fill_means(column, segment, first + j, model);
                model.deviations[first + j] = deviation_of(column, model.means[first + j]);
                model.bins[first + j] = bins_of(column);
            }
        };
    });
}

std::size_t summary_memory(std::int64_t rows, int columns, int segments, int threads) noexcept {
    const std::size_t gathered = std::min(kColumnsAtOnce, static_cast<std::size_t>(columns));
    const std::size_t each = static_cast<std::size_t>(rows) * gathered * sizeof(double) +
                             static_cast<std::size_t>(segments) * sizeof(long double);
    const int groups = (columns + static_cast<int>(kColumnsAtOnce) - 1) / static_cast<int>(kColumnsAtOnce);
    const std::size_t means = static_cast<std::size_t>(segments) * static_cast<std::size_t>(columns) *
                              (sizeof(double) + sizeof(long double));
    return each * static_cast<std::size_t>(std::min(threads, groups)) + means;
}

}  // namespace personalize::core
