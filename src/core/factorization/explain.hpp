// Why a user who is folded in has the score that they have.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/factorization/factors.hpp"
#include "core/factorization/objective.hpp"
#include "core/runtime/host.hpp"

namespace personalize::core {

// What each observation adds to a score; with the baseline they add up to it.
struct Explanation {
    double baseline = 0;
    std::vector<double> contributions;  // one for each observation, in their order
};

// Makes them add up to `score`, from which they differ by roundings, which are shared out by their sizes.
// More than a thousandth of these is no rounding, and stays.
void share_rounding(double score, Explanation& explanation) noexcept;

// The n observations that add most, those of equal contribution in their order, and the sum of all others;
// those that add nothing are none.
struct MostTelling {
    std::vector<std::size_t> observations;
    bool has_others;
    double others;
};
MostTelling most_telling(const Explanation& explanation, int n);

// The score of `item` for a user with these observations (as FoldIn::solve() takes them, with its `base`),
// taken apart. The user's factor solves A x = sum_j b_j y_j, so the score y_i.x is the sum over j of
// b_j (A^-1 y_i).y_j (Hu, Koren, Volinsky 2008, section 5). Explicit: the factor holds the user's bias, b_j
// is the deviation from the item's bias, and that of `item` is the baseline (without the mean of all
// ratings). In double; n d^2 + d^3 / 3 multiply-adds. Throws InvalidInput where A has no inverse, what
// host.poll() throws.
Explanation explain_fold_in(const Objective& objective, FactorsView factors, const float* base,
                            std::span<const std::int32_t> items, std::span<const float> values,
                            std::int32_t item, Host& host);

}  // namespace personalize::core
