#include "core/factorization/factors.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace personalize::core {
namespace {

// Small ones come from memory that was used before, large ones are pages of their own.
TEST(Factors, AreZeroWhateverTheirSize) {
    for (const std::int64_t rows : {1, 100, 1000, 32767, 32768, 100000}) {
        for (int turn = 0; turn < 3; turn++) {
            Factors factors(rows, 10);
            float* const end = factors.row(rows);
            EXPECT_EQ(std::count(factors.row(0), end, 0.f), rows * factors.stride()) << rows;
            std::fill(factors.row(0), end, 7.f);
        }
    }
}

}  // namespace
}  // namespace personalize::core
