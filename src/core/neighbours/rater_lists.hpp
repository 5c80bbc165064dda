// A sparse matrix rearranged for sums over pairs of its rows: the layout of every item-item computation.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <type_traits>
#include <vector>

#include "core/neighbours/value_codes.hpp"
#include "core/ratings/sparse_matrix.hpp"
#include "core/runtime/host.hpp"
#include "core/runtime/parallel.hpp"

namespace personalize::core {

// What the entries of the matrix count as.
struct PairValues {
    // Of an entry: value(entity, rater, value in the matrix). None: the value in the matrix.
    std::function<float(std::int64_t, std::int32_t, float)> value;
    // Of each rater: what the product of two of its values is multiplied by. Empty: 1.
    std::vector<double> rater_weight;
    bool all_ones = false;  // every value is 1, whatever `value` says
};

// The entities (rows of `by_row`) are renumbered by how many raters (columns) they have, most first, of as
// many the smaller index first: a number is called a place. A rater has a list of places, ascending, so that
// the pairs of place p with all places before it are what stands before p in the lists of its raters, and the
// sums that are added to most often lie together. Lists are read as often as they are long, so they are kept
// short: places in 16 bits and values in 8 where that can be. Refers to its arguments.
class RaterLists {
  public:
    RaterLists(const SparseMatrix& by_row, const SparseMatrix& by_column, const PairValues& values,
               int threads, Host& host);

    std::int64_t entities() const noexcept { return by_row_.rows(); }
    std::int32_t entity(std::int64_t place) const noexcept { return order_[place]; }
    // Sum over the entity's raters of weight value^2, in double.
    double square(std::int64_t place) const noexcept { return squares_[place]; }
    std::int64_t raters(std::int64_t place) const noexcept { return last(place) - first(place); }

    // Calls add(other place, x, y) for every common rater of `place` and a place before it, raters ascending:
    // x is the rater's weight times its value of `place`, y its value of the other. Returns how often.
    template <class Add>
    std::int64_t for_each_pair(std::int64_t place, const Add& add) const;

    // Bytes that it allocates at most.
    static std::size_t memory(const SparseMatrix& by_row, const SparseMatrix& by_column) noexcept;

  private:
    using Narrow = std::uint16_t;                                // places in 16 bits
    static constexpr std::int64_t kPairsPerStopPoint = 1 << 19;  // half a millisecond
    static constexpr std::int64_t kAhead = 6;  // lists that are fetched before they are read

    std::int64_t first(std::int64_t place) const noexcept { return by_row_.start[order_[place]]; }
    std::int64_t last(std::int64_t place) const noexcept { return by_row_.start[order_[place] + 1]; }
    void find_codes();
    void fill(int threads, Host& host);
    template <class PlaceOf>
    void place_entries(std::int64_t place, const PlaceOf& place_of);
    template <class Place, class Value>
    void fetch(const Place* places, const Value* values, std::int64_t entry) const noexcept;
    template <class Place, class Value, class Add>
    std::int64_t pairs(const Place* places, const Value* values, std::int64_t place, const Add& add) const;

    const SparseMatrix& by_row_;
    const SparseMatrix& by_column_;
    const PairValues& values_;
    std::vector<std::int32_t> order_;
    std::vector<double> squares_;
    // By rater, as by_column: places in one of the two forms, and their values likewise.
    BulkVector<Narrow> narrow_;
    BulkVector<std::int32_t> wide_;
    BulkVector<std::uint8_t> codes_;
    BulkVector<float> floats_;
    ValueCodes table_;
    bool is_narrow_, is_coded_;
    BulkVector<std::int32_t> before_;  // by entity, as by_row: how many stand before it in the rater's list
};

// The start of the list that `entry` is in: the rest the hardware fetches. Always inline, because GCC takes a
// function that only fetches for one without effect, and leaves out its calls.
template <class Place, class Value>
inline __attribute__((always_inline)) void RaterLists::fetch(const Place* places, const Value* values,
                                                             std::int64_t entry) const noexcept {
    constexpr auto kLine = static_cast<std::int32_t>(64 / sizeof(Place)), kMost = 3 * kLine;
    const std::int64_t start = by_column_.start[by_row_.columns[entry]];
    const std::int32_t end = std::min(before_[entry], kMost);
    for (std::int32_t k = 0; k <= end; k += kLine) {
        __builtin_prefetch(places + start + k);
        __builtin_prefetch(values + start + k);
    }
}

template <class Place, class Value, class Add>
std::int64_t RaterLists::pairs(const Place* all_places, const Value* all_values, std::int64_t place,
                               const Add& add) const {
    const auto number = [this](Value value) -> double {
        if constexpr (std::is_same_v<Value, float>)
            return value;
        else
            return table_.value(value);
    };
    std::int64_t sum = 0, unchecked = 0;
    const std::int64_t end = last(place);
    for (std::int64_t entry = first(place); entry < end; entry++) {
        if (entry + kAhead < end) fetch(all_places, all_values, entry + kAhead);
        const std::int32_t rater = by_row_.columns[entry], count = before_[entry];
        const std::int64_t start = by_column_.start[rater];
        const Place* const places = all_places + start;
        const Value* const values = all_values + start;
        const double weight = values_.rater_weight.empty() ? 1 : values_.rater_weight[rater],
                     x = weight * number(values[count]);
        std::int32_t k = 0;
        // What is added to a sum changes no value, which only we know: four are read before the first is
        // added.
        for (; k + 4 <= count; k += 4) {
            const double a = number(values[k]), b = number(values[k + 1]), c = number(values[k + 2]),
                         d = number(values[k + 3]);
            add(places[k], x, a);
            add(places[k + 1], x, b);
            add(places[k + 2], x, c);
            add(places[k + 3], x, d);
        }
        for (; k < count; k++) add(places[k], x, number(values[k]));
        sum += count;
        if ((unchecked += count + 1) < kPairsPerStopPoint) continue;
        stop_point();
        unchecked = 0;
    }
    return sum;
}

template <class Add>
std::int64_t RaterLists::for_each_pair(std::int64_t place, const Add& add) const {
    const auto with = [&](const auto* places) {
        return is_coded_ ? pairs(places, codes_.data(), place, add)
                         : pairs(places, floats_.data(), place, add);
    };
    return is_narrow_ ? with(narrow_.data()) : with(wide_.data());
}

}  // namespace personalize::core
