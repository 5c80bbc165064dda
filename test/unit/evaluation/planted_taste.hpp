// Ratings for the tests of evaluation: users of two tastes, each of which likes its half of the items.
#pragma once

#include <cstdint>

#include "core/ratings/ratings.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core::test {

struct TasteShape {
    std::int64_t users = 60, items = 40;
    double density = .5;     // of a user's own half that they have rated
    bool with_times = true;  // distinct ones, in no order
};

// Ratings 1 to 5; ids of users are 10, 20, ..., of items 7, 14, ...
inline Ratings planted_taste(const TasteShape& shape = {}, std::uint64_t seed = 1) {
    MemoryBudget budget(std::size_t{1} << 30);
    RatingsBuilder builder(IdType::integer, IdType::integer, shape.with_times, budget);
    Random random(seed, 0);
    for (std::int64_t u = 0; u < shape.users; u++)
        for (std::int64_t i = u % 2; i < shape.items; i += 2)
            if (random.uniform() < shape.density)
                builder.add(Id::of(10 * (u + 1)), Id::of(7 * (i + 1)),
                            static_cast<float>(1 + random.below(5)), random.uniform());
    QuietHost host;
    return builder.finish(OnDuplicate::mean, host, true);
}

}  // namespace personalize::core::test
