// One user's ratings as they are now, made ready for folding in.
#pragma once

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

    // A row; items that the model does not know and NaN and infinite ratings are passed over.
    void add(const Id& item, float rating, double time);

    // Merges repeated items as RatingsBuilder does (OnDuplicate::error as mean: training has seen none). What
    // the accessors return is as finish() left it.
    void finish(OnDuplicate on_duplicate);

    std::span<const std::int32_t> seen() const noexcept { return seen_; }  // every item, ascending
    // Of those ratings that say something, encoded.
    Observations observations(const FeedbackRule& rule) const;

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
};

}  // namespace personalize::core
