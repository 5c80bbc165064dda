#include "core/segments/points.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "core/runtime/error.hpp"
#include "core/runtime/parallel.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core {

namespace {

constexpr std::int64_t kRowsPerChunk = 2048;

struct Place {
    std::uint64_t hash;
    std::int32_t row;
};

std::uint64_t hash_row(const float* row, int columns) noexcept {
    std::uint64_t state = 0;
    for (int j = 0; j < columns; j++) state = mix64(state ^ std::bit_cast<std::uint32_t>(row[j]));
    return state;
}

std::int64_t chunks_of(std::int64_t rows) noexcept { return (rows + kRowsPerChunk - 1) / kRowsPerChunk; }

template <class Body>
void for_rows(std::int64_t rows, int threads, Host& host, Body body) {
    parallel_chunks(host, threads, chunks_of(rows), [&]() -> ChunkBody {
        return [&](std::int64_t chunk) {
            const std::int64_t first = chunk * kRowsPerChunk;
            body(chunk, first, std::min(first + kRowsPerChunk, rows));
        };
    });
}

// The least exponent e with |x| < 2^e for all coordinates.
int exponent_of(std::span<const double> features, const std::vector<Axis>& axes, int threads, Host& host) {
    const auto columns = std::ssize(axes);
    const std::int64_t rows = std::ssize(features) / columns;
    std::vector<double> largest(static_cast<std::size_t>(chunks_of(rows)));
    for_rows(rows, threads, host, [&](std::int64_t chunk, std::int64_t first, std::int64_t last) {
        for (std::int64_t r = first; r < last; r++)
            for (int j = 0; j < columns; j++) {
                const double x = std::fabs(axes[j].place(features[r * columns + j]));
                check_coordinate(j, x);
                largest[chunk] = std::max(largest[chunk], x);
            }
    });
    // As a float: it may be rounded up to a power of two, or to zero, as all coordinates then are.
    const auto most = static_cast<float>(*std::max_element(largest.begin(), largest.end()));
    return most > 0 ? std::ilogb(most) + 1 : 0;
}

// Buckets by the first bits of the hash, then each in order.
class Ordering {
  public:
    explicit Ordering(const Points& points) : points_(points) {}

    BulkVector<Place> run(int threads, Host& host) {
        const std::int64_t rows = points_.rows;
        BulkVector<Place> all(static_cast<std::size_t>(rows)), sorted(all.size());
        for_rows(rows, threads, host, [&](std::int64_t, std::int64_t first, std::int64_t last) {
            for (std::int64_t r = first; r < last; r++)
                all[r] = {hash_row(points_.row(r), points_.columns()), static_cast<std::int32_t>(r)};
        });
        std::array<std::int64_t, kBuckets + 1> start{};
        for (const Place& place : all) start[(place.hash >> kShift) + 1]++;
        for (int b = 0; b < kBuckets; b++) start[b + 1] += start[b];
        auto next = start;
        host.poll();
        for (const Place& place : all) sorted[next[place.hash >> kShift]++] = place;
        parallel_chunks(host, threads, kBuckets, [&]() -> ChunkBody {
            return [&](std::int64_t b) {
                std::sort(sorted.begin() + start[b], sorted.begin() + start[b + 1],
                          [this](const Place& a, const Place& c) { return before(a, c); });
            };
        });
        return sorted;
    }

  private:
    static constexpr int kShift = 64 - 11, kBuckets = 1 << 11;

    bool before(const Place& a, const Place& b) const {
        if (a.hash != b.hash) return a.hash < b.hash;
        const int order = std::memcmp(points_.row(a.row), points_.row(b.row),
                                      static_cast<std::size_t>(points_.columns()) * sizeof(float));
        if (order != 0) return order < 0;
        stop_point();  // many equal rows make a long bucket
        return a.row < b.row;
    }

    const Points& points_;
};

}  // namespace

void check_coordinate(int column, double value) {
    if (std::fabs(value) <= kLargestCoordinate) return;
    char text[32];
    std::snprintf(text, sizeof text, "%g", value);
    throw InvalidInput("feature " + std::to_string(column + 1) + " is " + text + " times its scale in a row",
                       "Leave such rows out, or use another scaling: 'zscore', 'minmax' or 'none'.");
}

Axis axis_of(const Scaling& scaling) noexcept {
    return {static_cast<double>(scaling.centre),
            scaling.scale >= kLeastSpread ? static_cast<double>(1 / scaling.scale) : 1};
}

void Space::place(const double* features, float* point) const {
    const double unit = std::ldexp(1, unit_exponent), per_unit = std::ldexp(1, -unit_exponent);
    for (int j = 0; j < columns(); j++) {
        const double x = axes[j].place(features[j]);
        check_coordinate(j, x);
        // Floats are whole multiples already where they are large. Adding zero makes no zero negative.
        point[j] = static_cast<float>(std::nearbyint(static_cast<float>(x) * per_unit) * unit) + 0.f;
    }
}

std::size_t Points::memory(std::int64_t rows, int columns) noexcept {
    return static_cast<std::size_t>(rows) *
           (2 * static_cast<std::size_t>(columns) * sizeof(float) + 2 * sizeof(Place) + sizeof(std::int32_t));
}

Points make_points(std::span<const double> features, std::vector<Axis> axes, int threads, Host& host) {
    Points placed, points;
    if (axes.empty() || features.empty()) return points;
    const std::int64_t rows = std::ssize(features) / std::ssize(axes);
    const int sum_bits = std::bit_width(static_cast<std::uint64_t>(rows));
    const int exponent = exponent_of(features, axes, threads, host);
    points.space = placed.space = {std::move(axes), std::max(exponent + sum_bits - 62, -149)};
    points.rows = placed.rows = rows;
    const int columns = points.columns();
    placed.values.resize(features.size());
    for_rows(rows, threads, host, [&](std::int64_t, std::int64_t first, std::int64_t last) {
        for (std::int64_t r = first; r < last; r++)
            placed.space.place(features.data() + r * columns, placed.values.data() + r * columns);
    });
    const auto order = Ordering(placed).run(threads, host);
    points.values.resize(features.size());
    points.origin.resize(static_cast<std::size_t>(rows));
    for_rows(rows, threads, host, [&](std::int64_t, std::int64_t first, std::int64_t last) {
        for (std::int64_t r = first; r < last; r++) {
            points.origin[r] = order[r].row;
            std::copy_n(placed.row(order[r].row), columns, points.values.data() + r * columns);
        }
    });
    return points;
}

}  // namespace personalize::core
