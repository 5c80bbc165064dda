#include "core/ratings/id_hash.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace personalize::core {
namespace {

TEST(IdHash, NeverChanges) {
    EXPECT_EQ(hash_id(Id::of(1), 0), 0x465391958FC61F13ull);
    EXPECT_EQ(hash_id(Id::text("a longer id than a word"), 7), 0x9915BE4D1EEF232Dull);
    EXPECT_EQ(hash_id(Id::uuid("0123456789abcdef"), 0), 0x4742EF6D853DA012ull);
    EXPECT_EQ(hash_ids(Id::of(42), Id::text("x"), 3), 0x6AF768AF97FEF1C6ull);
}

TEST(IdHash, DependsOnTypeValueSeedAndOrder) {
    std::set<std::uint64_t> hashes;
    for (const std::uint64_t seed : {0, 1}) {
        for (const Id& id : {Id::of(5), Id::of(-5), Id::text("5"), Id::text(""), Id::text("5 "),
                             Id::text(std::string_view("\0", 1)), Id::text("0123456789abcdef"),
                             Id::uuid("0123456789abcdef")})
            hashes.insert(hash_id(id, seed));
    }
    EXPECT_EQ(hashes.size(), 16u);
    EXPECT_NE(hash_ids(Id::of(1), Id::of(2), 0), hash_ids(Id::of(2), Id::of(1), 0));
}

TEST(IdHash, IsUniformOverNeighbouringIds) {
    constexpr int kCount = 200000, kBins = 20;
    int bins[kBins] = {};
    for (int id = 0; id < kCount; id++)
        bins[static_cast<int>(unit_interval(hash_ids(Id::of(id / 100), Id::of(id % 100), 1)) * kBins)]++;
    double chi_square = 0;
    for (const int count : bins)
        chi_square += (count - kCount / kBins) * (count - kCount / kBins) / (1.0 * kCount / kBins);
    EXPECT_LT(chi_square, 50);  // 19 degrees of freedom: 99.99 % are below 50
}

}  // namespace
}  // namespace personalize::core
