#include "core/runtime/random.hpp"

#include <gtest/gtest.h>

#include <array>

namespace personalize::core {
namespace {

// Published values of SplitMix64 for seed 1234567.
TEST(Random, MixesAsSplitMix64) {
    std::uint64_t state = 1234567;
    const auto next = [&] {
        const std::uint64_t value = mix64(state);
        state += 0x9E3779B97F4A7C15ull;
        return value;
    };
    EXPECT_EQ(next(), 6457827717110365317ull);
    EXPECT_EQ(next(), 3203168211198807973ull);
}

TEST(Random, SameSeedAndStreamSameNumbers) {
    Random a(1, 2), b(1, 2), c(1, 3), d(2, 2);
    const std::uint64_t first = a.next();
    EXPECT_EQ(first, b.next());
    EXPECT_NE(first, c.next());
    EXPECT_NE(first, d.next());
}

TEST(Random, Moments) {
    Random random(1, 1);
    constexpr int kDraws = 200'000;
    double uniform = 0, mean = 0, square = 0;
    std::array<int, 7> counts{};
    for (int k = 0; k < kDraws; k++) {
        const double u = random.uniform(), z = random.normal();
        ASSERT_TRUE(u >= 0 && u < 1);
        uniform += u;
        mean += z;
        square += z * z;
        counts.at(random.below(7))++;
    }
    EXPECT_NEAR(uniform / kDraws, .5, .01);
    EXPECT_NEAR(mean / kDraws, 0, .01);
    EXPECT_NEAR(square / kDraws, 1, .02);
    for (const int count : counts) EXPECT_NEAR(count * 7.0 / kDraws, 1, .03);
}

}  // namespace
}  // namespace personalize::core
