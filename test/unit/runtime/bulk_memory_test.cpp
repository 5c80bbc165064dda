#include "core/runtime/bulk_memory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>

namespace personalize::core {
namespace {

constexpr std::size_t kHugePage = std::size_t{1} << 21;

TEST(BulkVector, HoldsWhatIsPutIntoItWhateverItsSize) {
    for (const std::size_t size :
         {std::size_t{1}, kHugePage - 1, kHugePage, kHugePage + 1, 3 * kHugePage + 5}) {
        BulkVector<std::uint8_t> bytes(size);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(bytes.data()) % 64, 0u) << size;
        std::fill(bytes.begin(), bytes.end(), std::uint8_t{7});
        bytes.resize(2 * size);
        EXPECT_EQ(std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size), 7),
                  std::ssize(bytes) / 2);
        bytes.resize(size / 2);
        bytes.shrink_to_fit();
        EXPECT_EQ(std::count(bytes.begin(), bytes.end(), 7), std::ssize(bytes));
    }
}

TEST(BulkVector, FillsWithAValueThatIsGiven) {
    const BulkVector<float> zeros(kHugePage, 0.0f);
    EXPECT_EQ(std::count(zeros.begin(), zeros.end(), 0.0f), std::ssize(zeros));
}

TEST(BulkVector, SaysWhereItIsZero) {
    EXPECT_FALSE(bulk_is_zero(kHugePage - 1));
    for (int turn = 0; turn < 2; turn++) {
        ASSERT_TRUE(bulk_is_zero(kHugePage));
        BulkVector<std::uint8_t> bytes(kHugePage);
        EXPECT_EQ(std::count(bytes.begin(), bytes.end(), 0), std::ssize(bytes));
        std::fill(bytes.begin(), bytes.end(), std::uint8_t{7});
    }
}

TEST(BulkVector, RefusesMoreThanThereIs) {
    EXPECT_THROW(allocate_bulk(std::numeric_limits<std::size_t>::max() - 100), std::bad_alloc);
    EXPECT_THROW(allocate_bulk(std::size_t{1} << 60), std::bad_alloc);
}

}  // namespace
}  // namespace personalize::core
