// Which group of an experiment a user belongs to: a pure function of the two, so that nothing has to be
// stored.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "core/ratings/ids.hpp"

namespace personalize::core {

// Shares may miss or pass 1 by this much and still count as 1: sums of decimal fractions are not exact.
inline constexpr double kShareTolerance = 1e-9;

// The user's point in [0, 1), uniform over users and independent between experiments. It depends on the id as
// text: 42 and '42' are one user, as are a uuid and a text that spells it, in either case of letters.
double experiment_point(const Id& user, std::string_view experiment);

// Throws InvalidInput where there is no share, one is negative or not a number, or they add up to more
// than 1.
void check_shares(std::span<const double> shares);

// Group 1 ... n, shares[k - 1] of all users to group k; none for a user beyond the sum of the shares, which
// have been checked. Group k is the interval of points from the sum of the shares before it to that sum plus
// its own: a change of one share moves only users at the bounds that it shifts.
std::optional<int> experiment_group(const Id& user, std::string_view experiment,
                                    std::span<const double> shares);

}  // namespace personalize::core
