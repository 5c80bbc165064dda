#include "core/neighbours/set_overlap.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "core/runtime/error.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

template <class T>
SetOverlap overlap_of(const std::vector<T>& a, const std::vector<T>& b, std::size_t limit = SIZE_MAX) {
    MemoryBudget budget(limit);
    QuietHost host;
    return overlap<T>(a, b, budget, host);
}

TEST(SetOverlap, AsSetsOfTheLibrary) {
    Random random(1, 0);
    for (int round = 0; round < 300; round++) {
        std::vector<int> sides[2];
        for (auto& side : sides) {
            side.resize(random.below(30));
            for (int& value : side) value = static_cast<int>(random.below(40)) - 20;
            if (random.below(2) == 0) std::sort(side.begin(), side.end());
        }
        const std::set<int> a(sides[0].begin(), sides[0].end()), b(sides[1].begin(), sides[1].end());
        std::set<int> either = a;
        either.insert(b.begin(), b.end());
        const SetOverlap found = overlap_of(sides[0], sides[1]);
        EXPECT_EQ(found.either, either.size());
        EXPECT_EQ(found.both, a.size() + b.size() - either.size());
    }
}

TEST(SetOverlap, EndsOfTheRange) {
    using Limits = std::numeric_limits<std::int64_t>;
    const SetOverlap found =
        overlap_of<std::int64_t>({Limits::max(), Limits::min(), 0}, {Limits::min(), Limits::max()});
    EXPECT_EQ(found.both, 2);
    EXPECT_EQ(found.jaccard(), 2. / 3);
}

TEST(SetOverlap, EmptySets) {
    EXPECT_FALSE(overlap_of<int>({}, {}).jaccard());
    EXPECT_EQ(overlap_of<int>({}, {1}).jaccard(), 0);
    EXPECT_EQ(overlap_of<int>({1, 1}, {1}).jaccard(), 1);
}

TEST(SetOverlap, AscendingNumbersNeedNoMemory) {
    EXPECT_EQ(overlap_of<int>({1, 2, 3}, {2, 3, 4}, 0).jaccard(), .5);
    EXPECT_THROW(overlap_of<int>({1, 3, 2}, {2, 3, 4}, 4), MemoryLimitExceeded);
    EXPECT_THROW(overlap_of<int>({1, 2}, {2, 2}, 4), MemoryLimitExceeded);
}

TEST(SetOverlap, RowsOfFlags) {
    SetOverlap first, second;
    first.add(true, true), first.add(false, false), first.add(true, false);
    second.add(false, true), second.add(true, true);
    first.combine(second);
    EXPECT_EQ(first.jaccard(), .5);
    EXPECT_FALSE(SetOverlap{}.jaccard());
}

}  // namespace
}  // namespace personalize::core
