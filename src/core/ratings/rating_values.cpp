#include "core/ratings/rating_values.hpp"

#include <algorithm>

#include "core/prepare/quantiles.hpp"

namespace personalize::core {

void RatingValues::add(double x) {
    if (distinct_ <= kMaxDistinct && !count_value(x)) keep_all_values();
    if (distinct_ > kMaxDistinct) {
        grow(values_, values_.size() + 1, claim_);
        values_.push_back(x);
    }
    moments_.add(x);
}

// Whether there is room for it.
bool RatingValues::count_value(double x) noexcept {
    for (std::size_t k = 0; k < distinct_; k++) {
        if (counts_[k].value != x) continue;
        counts_[k].count++;
        return true;
    }
    if (distinct_ == kMaxDistinct) return false;
    counts_[distinct_++] = {x, 1};
    return true;
}

void RatingValues::keep_all_values() {
    grow(values_, static_cast<std::size_t>(moments_.count()) + 1, claim_);
    for (const ValueCount& value : counts_)
        values_.insert(values_.end(), static_cast<std::size_t>(value.count), value.value);
    distinct_ = kMaxDistinct + 1;
}

std::vector<ValueCount> RatingValues::distribution() const {
    if (distinct_ > kMaxDistinct) return {};
    std::vector<ValueCount> result(counts_.begin(), counts_.begin() + static_cast<std::ptrdiff_t>(distinct_));
    std::sort(result.begin(), result.end(),
              [](const ValueCount& a, const ValueCount& b) { return a.value < b.value; });
    return result;
}

std::vector<double> RatingValues::quantiles(std::span<const double> shares, Host& host) {
    return values_.empty() ? std::vector<double>() : core::quantiles(values_, shares, host);
}

}  // namespace personalize::core
