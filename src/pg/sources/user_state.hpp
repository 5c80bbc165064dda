// What is known of one user now: their taste, and the items that they have seen.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/model/recommender.hpp"
#include "core/ratings/user_history.hpp"
#include "pg/model_store/loaded_model.hpp"

namespace personalize::pg {

struct UserState {
    core::Taste taste;
    std::vector<std::int32_t> seen;  // item indexes, ascending
};

// A user id as it came: the argument of a function.
struct UserArgument {
    Datum value;
    Oid type;
    bool is_null;  // an anonymous visitor, of whom nothing is known
};

// Reads the user's current ratings from the model's source, as reader_of() it, and makes a taste of them.
// What was stored at training is used where the source or one of its columns has gone or has changed (a
// WARNING says so), where the current user may not read it or (a superuser) does not trust it, and where the
// model was told to.
UserState user_state(LoadedModel& model, const UserArgument& user);

// The same with the rows that it was made of.
struct UserRecord {
    UserState state;
    Oid relation = InvalidOid;                 // that they were read from
    std::optional<core::UserHistory> history;  // nothing: what was stored at training is used
};
UserRecord user_record(LoadedModel& model, const UserArgument& user);

// What a user has rated, as user_state() reads it. Throws object_not_in_prerequisite_state where ratings
// cannot be read and the model keeps only what came of them.
core::Observations observations_of(LoadedModel& model, const UserArgument& user);
// The same, for the score of an item that is known. No items where there is no taste to go by.
core::ItemExplanation explanation_of(LoadedModel& model, const UserArgument& user, std::int32_t item,
                                     core::Host& host);

// Index of the user at training, or IdView::kNotFound.
std::int32_t user_index(const LoadedModel& model, const UserArgument& user);

}  // namespace personalize::pg
