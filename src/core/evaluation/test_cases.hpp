// Test ratings as a model sees them: by its own indexes of users and items.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/model/model_image.hpp"
#include "core/ratings/ratings.hpp"
#include "core/runtime/host.hpp"

namespace personalize::core {

// Calls visit(item) for what a user had in the training, ascending; for nothing if that is IdView::kNotFound.
template <class Visit>
void for_each_seen(const ModelParts& model, std::int32_t user, Visit&& visit) {
    if (user != IdView::kNotFound) model.seen.for_each(user, visit);
}

// One user's test ratings. Indexes are IdView::kNotFound for what the model does not know.
struct TestCase {
    std::int32_t test_user, user;
    std::int64_t relevant;                // number of relevant items, those the model does not know included
    std::span<const std::int32_t> items;  // the relevant ones that the model knows, ascending
};

class TestCases {
  public:
    // Both live at least as long as this, and have ids of the same types.
    TestCases(const ModelParts& model, const Ratings& test, Host& host);

    std::int64_t size() const noexcept { return test_.users.size(); }
    std::int32_t user(std::int64_t test_user) const noexcept { return user_of_[test_user]; }
    std::int32_t item(std::int32_t test_item) const noexcept { return item_of_[test_item]; }
    // Whether a pair, given by the model's indexes, was in the training.
    bool seen(std::int32_t user, std::int32_t item);
    std::int64_t cold_users() const noexcept;
    std::int64_t cold_items() const noexcept;

    // A user's case; its items live until the next call.
    TestCase relevant(std::int64_t test_user, const std::optional<float>& from, bool exclude_seen,
                      bool count_cold);

  private:
    const ModelParts& model_;
    const Ratings& test_;
    std::vector<std::int32_t> user_of_, item_of_;  // the model's index of a test index
    std::vector<std::int32_t> items_;
    std::int32_t seen_of_ = IdView::kNotFound;  // whose items seen_ holds
    std::vector<std::int32_t> seen_;
};

}  // namespace personalize::core
