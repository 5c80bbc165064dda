#include "core/prepare/quantiles.hpp"

#include <algorithm>
#include <cmath>

#include "core/runtime/poll_counter.hpp"

namespace personalize::core {

namespace {

double between(double low, double high, long double share) noexcept {
    if (share == 0 || low == high) return low;  // infinities, too
    return static_cast<double>(low + share * (static_cast<long double>(high) - low));
}

// Puts values at their places in order, the middle share first, so that each half is only looked through for
// its own shares.
class Selection {
  public:
    Selection(std::span<double> values, std::span<const double> shares, Host& host)
        : values_(values), shares_(shares), result_(shares.size()), progress_(host) {
        select(0, shares.size(), 0, values.size());
    }
    std::vector<double> result() && { return std::move(result_); }

  private:
    // The shares [first, last), whose places are in [from, to).
    void select(std::size_t first, std::size_t last, std::size_t from, std::size_t to) {
        if (first == last) return;
        const std::size_t middle = first + (last - first) / 2;
        // In double, as the server does: 0.7 x 10 is 7 there.
        const double place = shares_[middle] * static_cast<double>(values_.size() - 1);
        const auto at = static_cast<std::size_t>(place);
        const auto less = [this](double a, double b) {
            progress_.count();
            return a < b;
        };
        const auto start = values_.begin();
        const auto nth = start + static_cast<std::ptrdiff_t>(at),
                   end = start + static_cast<std::ptrdiff_t>(to);
        std::nth_element(start + static_cast<std::ptrdiff_t>(from), nth, end, less);
        // The next in order goes to the next place, where a share with the same place finds it.
        if (nth + 1 != end) std::iter_swap(nth + 1, std::min_element(nth + 1, end, less));
        const double next = at + 1 < values_.size() ? nth[1] : *nth;
        result_[middle] = between(*nth, next, place - std::floor(place));
        select(first, middle, from, at + 1);
        select(middle + 1, last, at, to);
    }

    const std::span<double> values_;
    const std::span<const double> shares_;
    std::vector<double> result_;
    PollCounter progress_;
};

}  // namespace

std::vector<double> quantiles(std::span<double> values, std::span<const double> shares, Host& host) {
    return Selection(values, shares, host).result();
}

TukeyFences::TukeyFences(double lower_quartile, double upper_quartile) noexcept {
    const long double reach = 1.5L * (static_cast<long double>(upper_quartile) - lower_quartile);
    lower_ = lower_quartile - reach;
    upper_ = upper_quartile + reach;
}

}  // namespace personalize::core
