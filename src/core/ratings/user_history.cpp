#include "core/ratings/user_history.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>
#include <utility>

namespace personalize::core {

namespace {

constexpr int kDigitBits = 8;
constexpr std::size_t kDigits = std::size_t{1} << kDigitBits;
constexpr std::size_t kFewRows = 32;  // sorted faster by comparing

// Stable, by the bits of `item` from `shift` on.
template <class Row>
void sort_by_digit(const std::vector<Row>& rows, int shift, std::vector<Row>& sorted) {
    const auto digit = [shift](const Row& row) {
        return static_cast<std::uint32_t>(row.item) >> shift & (kDigits - 1);
    };
    std::array<std::uint32_t, kDigits> next{};
    for (const Row& row : rows) next[digit(row)]++;
    std::uint32_t sum = 0;
    for (std::uint32_t& place : next) sum += std::exchange(place, sum);
    sorted.resize(rows.size());
    for (const Row& row : rows) sorted[next[digit(row)]++] = row;
}

}  // namespace

// Looked up by finish(), together.
void UserHistory::add(const Id& item, float rating, double time) {
    if (!(std::fabs(rating) <= kLargestRating)) return;
    rows_.push_back({IdView::kNotFound, rating, time});
    unresolved_.push_back(item);
    bytes_.insert(bytes_.end(), item.bytes.begin(), item.bytes.end());
    added_++;
    if (!std::isfinite(time)) return;
    first_time_ = std::min(first_time_, time);
    last_time_ = std::max(last_time_, time);
}

void UserHistory::resolve() {
    std::size_t at = 0;
    for (Id& id : unresolved_) {
        id.bytes = {bytes_.data() + at, id.bytes.size()};
        at += id.bytes.size();
    }
    std::vector<std::int32_t> indexes(unresolved_.size());
    known_.find_all(unresolved_, indexes.data());
    const std::size_t first = rows_.size() - unresolved_.size();
    for (std::size_t k = 0; k < indexes.size(); k++) rows_[first + k].item = indexes[k];
    std::erase_if(rows_, [](const Row& row) { return row.item == IdView::kNotFound; });
    unresolved_.clear();
    bytes_.clear();
}

// By item; equal ones by rating. Rows often come in order, from an index of users and items.
void UserHistory::sort() {
    const auto less = [](const Row& a, const Row& b) {
        return std::tie(a.item, a.rating) < std::tie(b.item, b.rating);
    };
    if (std::is_sorted(rows_.begin(), rows_.end(), less)) return;
    if (rows_.size() <= kFewRows) return std::sort(rows_.begin(), rows_.end(), less);
    for (int shift = 0; shift < 32 && (known_.size() - 1) >> shift > 0; shift += kDigitBits) {
        sort_by_digit(rows_, shift, sorted_);
        rows_.swap(sorted_);
    }
    for (auto from = rows_.begin(), to = from; from != rows_.end(); from = to) {
        for (to = from + 1; to != rows_.end() && to->item == from->item;) ++to;
        if (to - from > 1) std::sort(from, to, less);
    }
}

float UserHistory::merge(std::size_t from, std::size_t to, OnDuplicate on_duplicate) const noexcept {
    if (on_duplicate == OnDuplicate::last)
        return std::max_element(rows_.begin() + from, rows_.begin() + to,
                                [](const Row& a, const Row& b) {
                                    return std::tie(a.time, a.rating) < std::tie(b.time, b.rating);
                                })
            ->rating;
    double sum = 0;
    for (std::size_t k = from; k < to; k++) sum += rows_[k].rating;
    return static_cast<float>(on_duplicate == OnDuplicate::sum ? sum : sum / static_cast<double>(to - from));
}

double UserHistory::latest(std::size_t from, std::size_t to) const noexcept {
    double time = rows_[from].time;
    for (std::size_t k = from + 1; k < to; k++) time = std::max(time, rows_[k].time);
    return time;
}

void UserHistory::finish(OnDuplicate on_duplicate) {
    resolve();
    sort();
    seen_.clear();
    ratings_.clear();
    times_.clear();
    for (std::size_t from = 0, to; from < rows_.size(); from = to) {
        for (to = from + 1; to < rows_.size() && rows_[to].item == rows_[from].item;) to++;
        seen_.push_back(rows_[from].item);
        ratings_.push_back(merge(from, to, on_duplicate));
        times_.push_back(latest(from, to));
    }
}

Observations UserHistory::observations(const FeedbackRule& rule) const {
    const bool is_explicit = rule.feedback == Feedback::explicit_feedback;
    Observations result;
    result.user = user_;
    result.items.reserve(seen_.size());
    result.values.reserve(seen_.size());
    bool tell_taste = false;
    for (std::size_t k = 0; k < seen_.size(); k++) {
        const float value = rule.encode(ratings_[k], times_[k]);
        if (!std::isfinite(value) || (value == 0 && !is_explicit)) continue;
        tell_taste = tell_taste || is_explicit || value > 0;
        result.items.push_back(seen_[k]);
        result.values.push_back(value);
    }
    return tell_taste ? result : Observations();
}

}  // namespace personalize::core
