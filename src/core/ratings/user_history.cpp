#include "core/ratings/user_history.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace personalize::core {

void UserHistory::add(std::int32_t item, float rating, double time) {
    if (std::isfinite(rating)) rows_.push_back({item, rating, time});
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

void UserHistory::finish(const FeedbackRule& rule, OnDuplicate on_duplicate) {
    std::sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) {
        return std::tie(a.item, a.rating) < std::tie(b.item, b.rating);
    });
    seen_.clear();
    items_.clear();
    values_.clear();
    tells_taste_ = false;
    const bool is_explicit = rule.feedback == Feedback::explicit_feedback;
    for (std::size_t from = 0, to; from < rows_.size(); from = to) {
        for (to = from + 1; to < rows_.size() && rows_[to].item == rows_[from].item;) to++;
        seen_.push_back(rows_[from].item);
        const float value = rule.encode(merge(from, to, on_duplicate));
        if (!std::isfinite(value) || (value == 0 && !is_explicit)) continue;
        tells_taste_ = tells_taste_ || is_explicit || value > 0;
        items_.push_back(rows_[from].item);
        values_.push_back(value);
    }
}

}  // namespace personalize::core
