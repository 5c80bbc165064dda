// One user's factor from the ratings they have now, with the item factors fixed.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/factorization/factors.hpp"
#include "core/factorization/objective.hpp"
#include "core/runtime/host.hpp"

namespace personalize::core {

// a0 Y^T Y over all items, rank x rank floats in rows of padded(rank): what every fold-in of an implicit
// model starts from.
inline std::size_t base_gram_floats(int rank) noexcept {
    return static_cast<std::size_t>(rank) * static_cast<std::size_t>(padded(rank));
}
void base_gram(FactorsView items, const Objective& objective, float* gram, int threads, Host& host);
inline void base_gram(FactorsView items, const Objective& objective, float* gram) {
    QuietHost host;
    base_gram(items, objective, gram, 1, host);
}

// Solves the objective for one user exactly, as one half step of als::train() does where that is exact (not
// by blocks): same observations, same bits, or but for rounding where training took dual_solver.hpp. Keeps
// its scratch memory, so that a call allocates nothing.
class FoldIn {
  public:
    static std::unique_ptr<FoldIn> of(const Objective& objective);
    virtual ~FoldIn() = default;

    // items[k] and values[k] (encoded, feedback.hpp): the user's observations, items ascending without
    // repeats. base: what base_gram() wrote (ignored for explicit). out: padded(objective.width()) floats, a
    // user's row of factors.
    virtual void solve(FactorsView factors, const float* base, std::span<const std::int32_t> items,
                       std::span<const float> values, float* out) = 0;
};

}  // namespace personalize::core
