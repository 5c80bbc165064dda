#include "core/prepare/quantiles.hpp"

#include <algorithm>
#include <cmath>

#include "core/ratings/poll_counter.hpp"

namespace personalize::core {

namespace {

double between(double low, double high, long double share) noexcept {
    if (share == 0 || low == high) return low;  // infinities, too
    return static_cast<double>(low + share * (static_cast<long double>(high) - low));
}

}  // namespace

std::vector<double> quantiles(std::span<double> values, std::span<const double> shares, Host& host) {
    PollCounter progress(host);
    const auto less = [&progress](double a, double b) {
        progress.count();
        return a < b;
    };
    std::vector<double> result;
    auto from = values.begin();  // what is before it is in place
    for (const double share : shares) {
        // In double, as the server does: 0.7 x 10 is 7 there.
        const double place = share * static_cast<double>(values.size() - 1);
        const auto at = values.begin() + static_cast<std::ptrdiff_t>(place);
        std::nth_element(from, at, values.end(), less);
        const auto next = at + 1 == values.end() ? at : std::min_element(at + 1, values.end(), less);
        result.push_back(between(*at, *next, place - std::floor(place)));
        from = at;
    }
    return result;
}

TukeyFences::TukeyFences(double lower_quartile, double upper_quartile) noexcept {
    const long double reach = 1.5L * (static_cast<long double>(upper_quartile) - lower_quartile);
    lower_ = lower_quartile - reach;
    upper_ = upper_quartile + reach;
}

}  // namespace personalize::core
