#include "core/segments/distance_sums.hpp"

#include <algorithm>

#include "core/runtime/parallel.hpp"
#include "core/segments/row_panel.hpp"

namespace personalize::core {

namespace {

constexpr int kVectors = 4, kPanelRows = kVectors * kLanes;
constexpr std::int64_t kAddedInFloats = 64;

// Adds the distances from each row of the panel to the rows [from, to).
PERSONALIZE_INLINE void add_distances(const float* panel, const float* rows, int columns, std::int64_t from,
                                      std::int64_t to, double* sums) {
    Lanes added[kVectors] = {};
    for (std::int64_t r = from; r < to; r++) {
        Lanes squares[kVectors];
        squared_distances(panel, rows + r * columns, columns, squares);
        PERSONALIZE_UNROLL
        for (int v = 0; v < kVectors; v++) added[v] += square_root(squares[v]);
    }
    for (int l = 0; l < kPanelRows; l++) sums[l] += added[l / kLanes][l % kLanes];
}

}  // namespace

void sum_distances(const float* rows, int columns, std::span<const std::int64_t> start, std::int64_t first,
                   std::int64_t last, std::vector<float>& scratch, double* sums) {
    scratch.resize(static_cast<std::size_t>(columns) * kPanelRows);
    const std::int64_t segments = std::ssize(start) - 1;
    for (std::int64_t r = first; r < last; r += kPanelRows) {
        const int count = static_cast<int>(std::min<std::int64_t>(kPanelRows, last - r));
        pack_rows([&](int l) { return rows + (r + std::min(l, count - 1)) * columns; }, kPanelRows, columns,
                  scratch.data());
        for (std::int64_t s = 0; s < segments; s++) {
            double total[kPanelRows] = {};
            for (std::int64_t from = start[s]; from < start[s + 1]; from += kAddedInFloats) {
                stop_point();
                add_distances(scratch.data(), rows, columns, from,
                              std::min(from + kAddedInFloats, start[s + 1]), total);
            }
            for (int l = 0; l < count; l++) sums[(r - first + l) * segments + s] = total[l];
        }
    }
}

}  // namespace personalize::core
