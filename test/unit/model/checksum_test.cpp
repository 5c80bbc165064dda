#include "core/model/checksum.hpp"

#include <gtest/gtest.h>

#include <array>

namespace personalize::core {
namespace {

// Expected values are those of the reference implementation, xxHash 0.8.
TEST(Checksum, IsXxh64) {
    std::array<std::byte, 512> bytes;
    for (std::size_t k = 0; k < bytes.size(); k++) bytes[k] = static_cast<std::byte>(k * 31 + 7);
    const std::span<const std::byte> all(bytes);
    EXPECT_EQ(checksum(all.first(0)), 0xEF46DB3751D8E999ull);
    EXPECT_EQ(checksum(all.first(32)), 0x8D57D6A4671CC43Dull);
    EXPECT_EQ(checksum(all.first(256)), 0x7C1FF7B1D57C10D5ull);
    EXPECT_EQ(checksum(all.first(512)), 0x17BD9866C1C8CE58ull);
}

}  // namespace
}  // namespace personalize::core
