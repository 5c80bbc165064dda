// What a ratings table holds, counted in one pass before anything is trained on it.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "core/ratings/ids.hpp"
#include "core/ratings/rating_values.hpp"
#include "core/runtime/host.hpp"
#include "core/runtime/memory_budget.hpp"

namespace personalize::core {

// What values are compared with.
struct RatingLimits {
    std::optional<float> lowest, highest;                  // the scale of the ratings
    double now = std::numeric_limits<double>::infinity();  // later times are in the future
};

// One row as it was read; nothing stands for NULL.
struct RatingRow {
    std::optional<Id> user, item;
    std::optional<double> rating;
    std::optional<double> time;
};

// Of the numbers of rows per user or per item, over those that have a row.
struct RowsPerId {
    double minimum, median, p90, maximum;
};

struct RatingSummary {
    static constexpr std::array kShares = {0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99};
    static constexpr std::int64_t kFewRows = 5;

    std::int64_t rows = 0;
    std::int64_t usable_rows = 0;  // both ids, and a finite rating
    std::int64_t users = 0;        // distinct ids that are not NULL, each over all rows
    std::int64_t items = 0;
    std::int64_t pairs = 0;    // distinct pairs, over rows with both ids
    std::int64_t repeats = 0;  // such rows beyond the first of their pair
    std::int64_t null_users = 0, null_items = 0, null_ratings = 0, nan_ratings = 0;
    std::int64_t infinite_ratings = 0;              // or beyond what a float holds, as training does
    std::int64_t blank_users = 0, blank_items = 0;  // texts of nothing but ASCII white space
    // Of the finite ratings, whatever the ids:
    std::int64_t below_lowest = 0, above_highest = 0, negative_ratings = 0, zero_ratings = 0;
    Moments ratings;
    std::vector<ValueCount> distribution;  // ascending, of at most RatingValues::kMaxDistinct values
    std::vector<double> quantiles;         // at kShares, where there are more values

    std::optional<RowsPerId> per_user, per_item;  // nothing where there is no such id
    std::int64_t users_with_few_rows = 0;         // fewer than kFewRows

    std::int64_t null_times = 0;  // NULL or NaN
    std::int64_t future_times = 0;
    std::optional<double> first_time, last_time;
};

// Counts rows: add() each, then finish() once. Memory (8 bytes a row, then 4 more, the ids, and 8 bytes a
// rating where these have more than RatingValues::kMaxDistinct values) is claimed from the budget before it
// is allocated.
class RatingCounter {
  public:
    RatingCounter(IdType user_type, IdType item_type, const RatingLimits& limits, MemoryBudget& budget);

    // Throws MemoryLimitExceeded, InvalidInput past kMaxIds.
    void add(const RatingRow& row);
    // Polls the host.
    RatingSummary finish(Host& host);

  private:
    struct Pair {
        std::uint32_t user, item;  // codes
    };

    // The codes of ids and how many rows each has.
    struct Ids {
        Ids(IdType type, MemoryBudget& budget) : dictionary(type, &budget), claim(&budget, "the ids") {}
        std::uint32_t count_row(const Id& id);
        std::optional<RowsPerId> rows_per_id(Host& host);

        IdDictionary dictionary;
        MemoryClaim claim;
        std::vector<std::int64_t> rows;  // by code
    };

    void count_ids(const RatingRow& row);
    bool count_rating(const std::optional<double>& rating);  // whether it is finite
    void count_time(const std::optional<double>& time);
    std::int64_t count_repeats(Host& host);

    const RatingLimits limits_;
    MemoryBudget& budget_;
    RatingSummary summary_;
    Ids users_, items_;
    MemoryClaim claim_;
    std::vector<Pair> pairs_;  // of the rows with both ids
    RatingValues values_;
};

}  // namespace personalize::core
