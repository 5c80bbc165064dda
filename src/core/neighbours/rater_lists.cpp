#include "core/neighbours/rater_lists.hpp"

#include <limits>
#include <numeric>

#include "core/ratings/counting_sort.hpp"

namespace personalize::core {

namespace {

std::int64_t segments_of(const SparseMatrix& by_row) noexcept {
    return CountingSort::segments(by_row.nonzeros(), by_row.columns_count);
}

// The first place of each segment, and the end of the last: about as many entries in each.
std::vector<std::int64_t> segment_starts(const SparseMatrix& by_row, const std::vector<std::int32_t>& order) {
    const std::int64_t segments = segments_of(by_row);
    std::vector<std::int64_t> starts{0};
    std::int64_t entries = 0;
    for (std::size_t place = 0; place < order.size(); place++) {
        if (entries * segments >= by_row.nonzeros() * std::ssize(starts) && std::ssize(starts) < segments)
            starts.push_back(static_cast<std::int64_t>(place));
        entries += by_row.start[order[place] + 1] - by_row.start[order[place]];
    }
    starts.resize(static_cast<std::size_t>(segments) + 1, std::ssize(order));
    return starts;
}

}  // namespace

std::size_t RaterLists::memory(const SparseMatrix& by_row, const SparseMatrix& by_column) noexcept {
    const auto entities = static_cast<std::size_t>(by_row.rows()),
               entries = static_cast<std::size_t>(by_row.nonzeros());
    return entities * (sizeof(std::int32_t) + sizeof(double)) +
           entries * (2 * sizeof(std::int32_t) + sizeof(float)) +
           CountingSort::memory(segments_of(by_row), by_column.rows()) +
           static_cast<std::size_t>(by_column.rows() + 1) * sizeof(std::int64_t);
}

RaterLists::RaterLists(const SparseMatrix& by_row, const SparseMatrix& by_column, const PairValues& values,
                       int threads, Host& host)
    : by_row_(by_row),
      by_column_(by_column),
      values_(values),
      order_(static_cast<std::size_t>(by_row.rows())),
      squares_(order_.size()),
      is_narrow_(by_row.rows() <= std::numeric_limits<Narrow>::max() + 1) {
    std::iota(order_.begin(), order_.end(), 0);
    const auto raters = [&](std::int32_t entity) { return by_row.start[entity + 1] - by_row.start[entity]; };
    std::sort(order_.begin(), order_.end(), [&](std::int32_t a, std::int32_t b) {
        return raters(a) != raters(b) ? raters(a) > raters(b) : a < b;
    });
    host.poll();
    find_codes();
    const std::size_t entries = by_row.columns.size();
    is_narrow_ ? narrow_.resize(entries) : wide_.resize(entries);
    is_coded_ ? codes_.resize(entries) : floats_.resize(entries);
    before_.resize(entries);
    fill(threads, host);
}

void RaterLists::find_codes() {
    is_coded_ = values_.all_ones || !values_.value;
    if (values_.all_ones) table_.add(1);
    if (values_.all_ones || values_.value) return;
    is_coded_ = std::all_of(by_row_.values.begin(), by_row_.values.end(),
                            [this](float value) { return table_.add(value); });
}

void RaterLists::fill(int threads, Host& host) {
    const std::vector<std::int64_t> starts = segment_starts(by_row_, order_);
    const auto for_each_place = [&](std::int64_t segment, const auto& visit) {
        std::int64_t unchecked = 0;
        for (std::int64_t place = starts[segment]; place < starts[segment + 1]; place++) {
            visit(place);
            if ((unchecked += raters(place) + 1) < kEntriesPerStopPoint) continue;
            stop_point();
            unchecked = 0;
        }
    };
    CountingSort sort(segments_of(by_row_), by_column_.rows(), threads, host);
    sort.count([&](std::int64_t segment, const auto& count) {
        for_each_place(segment, [&](std::int64_t place) {
            for (std::int64_t k = first(place); k < last(place); k++) count(by_row_.columns[k]);
        });
    });
    sort.place([&](std::int64_t segment, const auto& place_of) {
        for_each_place(segment, [&](std::int64_t place) { place_entries(place, place_of); });
    });
}

template <class PlaceOf>
void RaterLists::place_entries(std::int64_t place, const PlaceOf& place_of) {
    double square = 0;
    for (std::int64_t k = first(place); k < last(place); k++) {
        const std::int32_t rater = by_row_.columns[k];
        const std::int64_t to = place_of(rater);
        const float v = values_.all_ones ? 1
                        : values_.value  ? values_.value(order_[place], rater, by_row_.values[k])
                                         : by_row_.values[k];
        if (is_narrow_)
            narrow_[to] = static_cast<Narrow>(place);
        else
            wide_[to] = static_cast<std::int32_t>(place);
        if (is_coded_)
            codes_[to] = table_.code(v);
        else
            floats_[to] = v;
        before_[k] = static_cast<std::int32_t>(to - by_column_.start[rater]);
        square += (values_.rater_weight.empty() ? 1 : values_.rater_weight[rater]) * v * v;
    }
    squares_[place] = square;
}

}  // namespace personalize::core
