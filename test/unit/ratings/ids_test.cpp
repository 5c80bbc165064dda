#include "core/ratings/ids.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

struct Texts {
    explicit Texts(std::vector<std::string> sorted) {
        for (const auto& text : sorted) {
            pool += text;
            offsets.push_back(pool.size());
        }
    }
    IdView view() const { return IdView::texts(offsets, pool.data()); }
    std::string pool;
    std::vector<std::uint64_t> offsets{0};
};

void expect_each_found(IdView ids) {
    for (std::int64_t k = 0; k < ids.size(); k++) EXPECT_EQ(ids.find(ids.at(k)), k);
}

TEST(IdView, FindsNothingWhenEmpty) {
    EXPECT_EQ(IdView().find(Id::of(0)), IdView::kNotFound);
    EXPECT_EQ(Texts({}).view().find(Id::text("")), IdView::kNotFound);
}

TEST(IdView, FindsIntegersWithoutGaps) {
    const std::vector<std::int64_t> ids{-2, -1, 0, 1};
    const IdView view = IdView::integers(ids);
    expect_each_found(view);
    for (const std::int64_t missing : {kLowest, std::int64_t{-3}, std::int64_t{2}, kHighest})
        EXPECT_EQ(view.find(Id::of(missing)), IdView::kNotFound);
}

TEST(IdView, FindsIntegersWithGaps) {
    std::vector<std::int64_t> ids;
    for (std::int64_t k = 0; k < 37; k++) {
        ids.push_back(3 * k);
        const IdView view = IdView::integers(ids);
        expect_each_found(view);
        for (std::int64_t id = -2; id < 3 * k + 3; id++)
            EXPECT_EQ(view.find(Id::of(id)),
                      id >= 0 && id % 3 == 0 && id <= 3 * k ? id / 3 : IdView::kNotFound);
    }
}

TEST(IdView, FindsExtremeIntegers) {
    for (const std::vector<std::int64_t>& ids : {std::vector<std::int64_t>{kLowest, kHighest},
                                                 {kLowest, kLowest + 1},
                                                 {kHighest - 1, kHighest},
                                                 {kLowest, 0}}) {
        const IdView view = IdView::integers(ids);
        expect_each_found(view);
        EXPECT_EQ(view.find(Id::of(5)), IdView::kNotFound);
    }
}

std::vector<std::int32_t> found_by_lower_bound(const std::vector<std::int64_t>& sorted,
                                               const std::vector<std::int64_t>& wanted) {
    std::vector<std::int32_t> places;
    for (const std::int64_t id : wanted) {
        const auto place = std::lower_bound(sorted.begin(), sorted.end(), id);
        const bool found = place != sorted.end() && *place == id;
        places.push_back(found ? static_cast<std::int32_t>(place - sorted.begin()) : IdView::kNotFound);
    }
    return places;
}

TEST(IdView, FindsManyIntegersAsLowerBoundDoes) {
    Random random(5, 0);
    for (const std::size_t size : {0, 1, 2, 3, 15, 16, 17, 1000}) {
        for (const bool has_gaps : {false, true}) {
            std::set<std::int64_t> distinct;
            for (std::size_t k = 0; k < size; k++)
                distinct.insert(has_gaps ? static_cast<std::int64_t>(random.next())
                                         : static_cast<std::int64_t>(k));
            if (has_gaps && size > 2) distinct.insert({kLowest, kHighest});
            const std::vector<std::int64_t> sorted(distinct.begin(), distinct.end());
            std::vector<std::int64_t> wanted{kHighest, kLowest, 0, -1, 5};
            for (const std::int64_t id : sorted) wanted.insert(wanted.end(), {id, id / 2, id ^ 1});
            std::vector<std::int32_t> places(wanted.size());
            IdView::integers(sorted).find_all(wanted, places.data());
            EXPECT_EQ(places, found_by_lower_bound(sorted, wanted)) << size;
        }
    }
}

TEST(IdView, FindsTextsByUnsignedBytes) {
    const Texts texts(
        {std::string(), std::string("\0", 1), std::string("\0a", 2), "a", "ab", "b", "\x7f", "\x80", "\xff"});
    expect_each_found(texts.view());
    for (const char* missing : {"aa", "abc", "\x81", "c"})
        EXPECT_EQ(texts.view().find(Id::text(missing)), IdView::kNotFound);
}

TEST(IdView, FindsUuids) {
    std::string bytes;
    for (const char first : {'\x01', '\x7f', '\x80', '\xfe'}) bytes += first + std::string(15, '\0');
    const IdView view = IdView::uuids(bytes.data(), 4);
    expect_each_found(view);
    EXPECT_EQ(view.find(Id::uuid(std::string(16, '\x05'))), IdView::kNotFound);
}

TEST(IdToString, IntegersAndUuids) {
    EXPECT_EQ(to_string(Id::of(kLowest)), "-9223372036854775808");
    const std::string uuid("\x12\x3e\x45\x67\xe8\x9b\x12\xd3\xa4\x56\x42\x66\x14\x17\x40\x00", 16);
    EXPECT_EQ(to_string(Id::uuid(uuid)), "123e4567-e89b-12d3-a456-426614174000");
}

TEST(IdToString, CutsLongTextsBetweenCharacters) {
    EXPECT_EQ(to_string(Id::text("")), "\"\"");
    EXPECT_EQ(to_string(Id::text(std::string(60, 'x'))), '"' + std::string(60, 'x') + '"');
    EXPECT_EQ(to_string(Id::text(std::string(61, 'x'))), '"' + std::string(60, 'x') + "...\"");
    const std::string umlaut = "\xc3\xa4";
    EXPECT_EQ(to_string(Id::text(std::string(59, 'x') + umlaut + "tail")),
              '"' + std::string(59, 'x') + "...\"");
    EXPECT_EQ(to_string(Id::text(std::string(58, 'x') + umlaut + "tail")),
              '"' + std::string(58, 'x') + umlaut + "...\"");
}

TEST(IdToString, CutsTextsOfOtherEncodings) {
    EXPECT_LE(to_string(Id::text(std::string(1000, '\x80'))).size(), 70u);
}

}  // namespace
}  // namespace personalize::core
