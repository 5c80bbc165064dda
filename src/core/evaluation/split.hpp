// Ratings in two parts: what is trained on, and what is held out to be predicted.
#pragma once

#include <cstdint>
#include <optional>

#include "core/ratings/ratings.hpp"
#include "core/runtime/host.hpp"

namespace personalize::core {

enum class SplitMethod : std::uint8_t {
    random,         // pairs of user and item by in_holdout() (holdout.hpp)
    leave_one_out,  // one item of each user with two or more: the latest, or by hash where there are no times
    last,           // the latest share of each user's items, rounded down
    time,           // everything from a moment on, for everyone
};

// Which of several rounds a cross-validation is in. Rounds hold out
// - random: disjoint shares of 1 / folds, together everything;
// - leave_one_out: the latest item, then the one before, and so on (by hash: another item each);
// - last, time: the latest `fraction`, then the one before it, and so on.
// Where there is an order in time, what is later than the held-out part is left out of both parts.
struct SplitOptions {
    SplitMethod method = SplitMethod::random;
    double fraction = .1;  // held out, in (0, 1); not used by leave_one_out, and by random with folds
    std::optional<double> moment = {};  // time: instead of a fraction
    int folds = 1, fold = 0;            // fold in [0, folds)
    std::uint64_t seed = 0;             // random, leave_one_out without times
};

struct Split {
    Ratings train, test;  // their own ids: those that have a rating in the part
};

// Equal times are ordered by item, so that the result does not depend on the order of rows. `all.times` must
// be there for `last` and `time`. Throws InvalidInput where a part is empty, what host.poll() throws. Takes
// the memory of split_memory().
Split split(const Ratings& all, const SplitOptions& options, Host& host);

std::size_t split_memory(const Ratings& all) noexcept;

}  // namespace personalize::core
