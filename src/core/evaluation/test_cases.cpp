#include "core/evaluation/test_cases.hpp"

#include <algorithm>

#include "core/runtime/poll_counter.hpp"

namespace personalize::core {

namespace {

constexpr std::int64_t kStepsPerId = 64;

std::vector<std::int32_t> indexes_of(IdView ids, IdView known, Host& host) {
    PollCounter progress(host);
    std::vector<std::int32_t> result(static_cast<std::size_t>(ids.size()));
    for (std::int64_t k = 0; k < ids.size(); k++) {
        result[k] = known.find(ids.at(k));
        progress.count(kStepsPerId);
    }
    return result;
}

std::int64_t count_unknown(const std::vector<std::int32_t>& indexes) noexcept {
    return std::count(indexes.begin(), indexes.end(), IdView::kNotFound);
}

}  // namespace

TestCases::TestCases(const ModelParts& model, const Ratings& test, Host& host)
    : model_(model),
      test_(test),
      user_of_(indexes_of(test.users.view(), model.users, host)),
      item_of_(indexes_of(test.items.view(), model.items, host)) {}

bool TestCases::seen(std::int32_t user, std::int32_t item) {
    if (user == IdView::kNotFound) return false;
    if (user != seen_of_) seen_ = model_.seen.of(user);
    seen_of_ = user;
    return std::binary_search(seen_.begin(), seen_.end(), item);
}

std::int64_t TestCases::cold_users() const noexcept { return count_unknown(user_of_); }
std::int64_t TestCases::cold_items() const noexcept { return count_unknown(item_of_); }

TestCase TestCases::relevant(std::int64_t test_user, const std::optional<float>& from, bool exclude_seen,
                             bool count_cold) {
    TestCase result{static_cast<std::int32_t>(test_user), user(test_user), 0, {}};
    items_.clear();
    const SparseRow row = test_.by_user.row(test_user);
    for (std::size_t k = 0; k < row.size(); k++) {
        if (from && !(row.values[k] >= *from)) continue;
        const std::int32_t index = item(row.columns[k]);
        if (index == IdView::kNotFound) {
            if (count_cold) result.relevant++;
        } else if (!exclude_seen || !seen(result.user, index)) {
            items_.push_back(index);  // ascending, as ids are in both
            result.relevant++;
        }
    }
    result.items = items_;
    return result;
}

}  // namespace personalize::core
