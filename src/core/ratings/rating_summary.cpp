#include "core/ratings/rating_summary.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "core/prepare/quantiles.hpp"
#include "core/runtime/poll_counter.hpp"

namespace personalize::core {

namespace {

bool is_blank(const Id& id) {
    return id.type == IdType::text && id.bytes.find_first_not_of(" \t\n\v\f\r") == std::string_view::npos;
}

}  // namespace

RatingCounter::RatingCounter(IdType user_type, IdType item_type, const RatingLimits& limits,
                             MemoryBudget& budget)
    : limits_(limits),
      budget_(budget),
      users_(user_type, budget),
      items_(item_type, budget),
      claim_(&budget, "the ratings"),
      values_(budget) {}

std::uint32_t RatingCounter::Ids::count_row(const Id& id) {
    const std::uint32_t code = dictionary.code(id);
    if (code == rows.size()) {
        grow(rows, rows.size() + 1, claim);
        rows.push_back(0);
    }
    rows[code]++;
    return code;
}

std::optional<RowsPerId> RatingCounter::Ids::rows_per_id(Host& host) {
    constexpr std::array kShares = {0.0, 0.5, 0.9, 1.0};
    if (rows.empty()) return std::nullopt;
    claim.add(rows.size() * sizeof(double));
    std::vector<double> counts(rows.begin(), rows.end());
    const auto quantile = quantiles(counts, kShares, host);
    drop(counts, claim);
    return RowsPerId{quantile[0], quantile[1], quantile[2], quantile[3]};
}

void RatingCounter::add(const RatingRow& row) {
    summary_.rows++;
    count_ids(row);
    const bool finite = count_rating(row.rating);
    if (row.user && row.item && finite) summary_.usable_rows++;
    count_time(row.time);
}

void RatingCounter::count_ids(const RatingRow& row) {
    summary_.null_users += !row.user;
    summary_.null_items += !row.item;
    summary_.blank_users += row.user && is_blank(*row.user);
    summary_.blank_items += row.item && is_blank(*row.item);
    Pair pair{};
    if (row.user) pair.user = users_.count_row(*row.user);
    if (row.item) pair.item = items_.count_row(*row.item);
    if (!row.user || !row.item) return;
    grow(pairs_, pairs_.size() + 1, claim_);
    pairs_.push_back(pair);
}

bool RatingCounter::count_rating(const std::optional<double>& rating) {
    if (!rating) {
        summary_.null_ratings++;
        return false;
    }
    if (std::isnan(*rating)) {
        summary_.nan_ratings++;
        return false;
    }
    // Compared as training reads it: 4.1 of type numeric is not above a highest of 4.1.
    const auto value = static_cast<float>(*rating);
    if (!std::isfinite(value)) {
        summary_.infinite_ratings++;
        return false;
    }
    summary_.below_lowest += limits_.lowest && value < *limits_.lowest;
    summary_.above_highest += limits_.highest && value > *limits_.highest;
    summary_.negative_ratings += *rating < 0;
    summary_.zero_ratings += *rating == 0;
    values_.add(*rating + 0.0);  // -0 is 0
    return true;
}

void RatingCounter::count_time(const std::optional<double>& time) {
    if (!time || std::isnan(*time)) {
        summary_.null_times++;
        return;
    }
    summary_.future_times += *time > limits_.now;
    if (!summary_.first_time || *time < *summary_.first_time) summary_.first_time = time;
    if (!summary_.last_time || *time > *summary_.last_time) summary_.last_time = time;
}

// Puts the items of each user side by side, then marks them: linear in the rows.
std::int64_t RatingCounter::count_repeats(Host& host) {
    const std::size_t users = users_.rows.size(), items = items_.rows.size();
    MemoryClaim claim(&budget_, "the ratings");
    claim.add((users + 1) * sizeof(std::int64_t) + (pairs_.size() + items) * sizeof(std::uint32_t));
    PollCounter progress(host);
    std::vector<std::int64_t> end(users + 1);
    for (const Pair& pair : pairs_) end[pair.user + 1]++;
    for (std::size_t user = 0; user < users; user++) end[user + 1] += end[user];
    std::vector<std::uint32_t> item_of(pairs_.size());
    for (const Pair& pair : pairs_) {  // afterwards end[user] is where the user's items end
        item_of[static_cast<std::size_t>(end[pair.user]++)] = pair.item;
        progress.count();
    }

    std::vector<std::uint32_t> last_user(items, kMaxIds);
    std::int64_t repeats = 0;
    std::size_t k = 0;
    for (std::uint32_t user = 0; user < users; user++)
        for (; k < static_cast<std::size_t>(end[user]); k++) {
            repeats += last_user[item_of[k]] == user;
            last_user[item_of[k]] = user;
            progress.count();
        }
    return repeats;
}

RatingSummary RatingCounter::finish(Host& host) {
    summary_.users = users_.dictionary.size();
    summary_.items = items_.dictionary.size();
    summary_.repeats = count_repeats(host);
    summary_.pairs = static_cast<std::int64_t>(pairs_.size()) - summary_.repeats;
    summary_.ratings = values_.moments();
    summary_.distribution = values_.distribution();
    summary_.quantiles = values_.quantiles(RatingSummary::kShares, host);
    summary_.users_with_few_rows = std::count_if(users_.rows.begin(), users_.rows.end(),
                                                 [](std::int64_t n) { return n < RatingSummary::kFewRows; });
    summary_.per_user = users_.rows_per_id(host);
    summary_.per_item = items_.rows_per_id(host);
    return std::move(summary_);
}

}  // namespace personalize::core
