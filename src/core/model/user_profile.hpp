// What is known of a user, in rows that a person can read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/recommender.hpp"
#include "core/ratings/user_history.hpp"
#include "core/runtime/host.hpp"

namespace personalize::core {

// doc/sql_reference.md says what each aspect and name means.
struct ProfileRow {
    std::string_view aspect;
    std::string name;
    std::optional<double> value;
    std::string detail;
    std::int32_t item = IdView::kNotFound;  // else the name is this item's id
};

// A user, as serving knows them.
struct KnownUser {
    const Taste& taste;
    std::span<const std::int32_t> seen;  // item indexes, ascending
    bool was_trained;                    // is among the users of the training
    const UserHistory* history;          // finished; null: the ratings are not read, but what was stored
    bool has_ratings, has_times;         // in the history: else each rating is 1, each time 0
    std::string first_time, last_time;   // as text
};

inline constexpr int kProfileList = 10;  // length of the list of answers that is looked at
inline constexpr std::size_t kMostFavourites = 10, kMostDislikes = 5, kMostFavouriteItems = 5;
inline constexpr float kLeastWeight = .1f;  // of a term: less than a hundredth of the taste's square length

// In this order of aspects: activity, rating, favourite, disliked, favourite item, personal. Values but for
// counts and times are rounded to four digits. Polls the host.
std::vector<ProfileRow> user_profile(Recommender& recommender, const ModelParts& parts, const KnownUser& user,
                                     Host& host);

}  // namespace personalize::core
