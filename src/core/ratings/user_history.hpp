// One user's ratings as they are now, made ready for folding in.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "core/ratings/feedback.hpp"
#include "core/ratings/ids.hpp"
#include "core/ratings/ratings.hpp"

namespace personalize::core {

// What a user's ratings say to a model, as Recommender::taste() takes them.
struct Observations {
    std::vector<std::int32_t> items;        // ascending; empty where there is no taste to go by:
    std::vector<float> values;              // no rating (explicit), no like (implicit)
    std::int32_t user = IdView::kNotFound;  // of those of the model, where it is known to be one
};

class UserHistory {
  public:
    // `items`: those of the model, whose indexes stand for them. Outlived by what they view. `user`: as
    // Observations has it.
    explicit UserHistory(IdView items, std::int32_t user = IdView::kNotFound) : known_(items), user_(user) {}

    // Larger ones no model can hold (check_model_image()).
    static constexpr float kLargestRating = 1e14f;

    // A row; items that the model does not know, NaN and ratings beyond kLargestRating are passed over.
    void add(const Id& item, float rating, double time);

    // Merges repeated items as RatingsBuilder does (OnDuplicate::error as mean: training has seen none). What
    // the accessors return is as finish() left it.
    void finish(OnDuplicate on_duplicate);

    std::span<const std::int32_t> seen() const noexcept { return seen_; }  // every item, ascending
    std::span<const float> ratings() const noexcept { return ratings_; }   // of each of them, merged
    std::span<const double> times() const noexcept { return times_; }      // likewise, the latest
    // Of those ratings that say something, encoded.
    Observations observations(const FeedbackRule& rule) const;

    // Rows that were added, but for those of NaN and infinite ratings; of them those whose item is unknown;
    // and the first and last of all their times that are finite (infinite: there is none).
    std::int64_t rows() const noexcept { return added_; }
    std::int64_t unknown_rows() const noexcept { return added_ - std::ssize(rows_); }
    double first_time() const noexcept { return first_time_; }
    double last_time() const noexcept { return last_time_; }

  private:
    struct Row {
        std::int32_t item;
        float rating;
        double time;
    };
    void resolve();
    void sort();
    float merge(std::size_t from, std::size_t to, OnDuplicate on_duplicate) const noexcept;
    double latest(std::size_t from, std::size_t to) const noexcept;

    const IdView known_;
    const std::int32_t user_;
    std::vector<Id> unresolved_;  // of the last rows; their bytes follow one another in bytes_
    std::vector<char> bytes_;
    std::vector<Row> rows_, sorted_;
    std::vector<std::int32_t> seen_;
    std::vector<float> ratings_;  // of each of seen_
    std::vector<double> times_;
    std::int64_t added_ = 0;
    double first_time_ = HUGE_VAL, last_time_ = -HUGE_VAL;
};

}  // namespace personalize::core
