#include "core/ratings/ids.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <tuple>
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

// Of distinct ids in order, as Ids of a view.
void expect_found_as_by_lower_bound(IdView view, const std::vector<Id>& wanted) {
    std::vector<std::int32_t> places(wanted.size());
    view.find_all(wanted, places.data());
    std::vector<Id> all;
    for (std::int64_t k = 0; k < view.size(); k++) all.push_back(view.at(k));
    for (std::size_t k = 0; k < wanted.size(); k++) {
        const auto place = std::lower_bound(all.begin(), all.end(), wanted[k], [](const Id& a, const Id& b) {
            return std::tie(a.integer, a.bytes) < std::tie(b.integer, b.bytes);
        });
        const bool found = place != all.end() && *place == wanted[k];
        EXPECT_EQ(places[k], found ? place - all.begin() : IdView::kNotFound) << view.size();
        EXPECT_EQ(view.find(wanted[k]), places[k]);
    }
}

constexpr std::size_t kSizes[] = {0, 1, 2, 3, 15, 16, 17, 1000};

TEST(IdView, FindsManyIntegers) {
    Random random(5, 0);
    for (const std::size_t size : kSizes) {
        for (const bool has_gaps : {false, true}) {
            std::set<std::int64_t> distinct;
            for (std::size_t k = 0; k < size; k++)
                distinct.insert(static_cast<std::int64_t>(has_gaps ? random.next() : k));
            if (has_gaps && size > 2) distinct.insert({kLowest, kHighest});
            const std::vector<std::int64_t> sorted(distinct.begin(), distinct.end());
            std::vector<Id> wanted;
            for (const std::int64_t id : {kHighest, kLowest, std::int64_t{-1}}) wanted.push_back(Id::of(id));
            for (const std::int64_t id : sorted)
                for (const std::int64_t near : {id, id / 2, id ^ 1}) wanted.push_back(Id::of(near));
            expect_found_as_by_lower_bound(IdView::integers(sorted), wanted);
        }
    }
}

// Bytes of few values, so that ids begin alike.
std::string made_bytes(Random& random, std::size_t length) {
    std::string bytes;
    while (bytes.size() < length) bytes += "\x00\x01\x7f\x80\xff"[random.below(5)];
    return bytes;
}

TEST(IdView, FindsManyTextsAndUuids) {
    Random random(6, 0);
    for (const std::size_t size : kSizes) {
        std::set<std::string> texts, uuids;
        std::vector<std::string> asked;
        for (std::size_t k = 0; k < 2 * size + 3; k++) {
            asked.push_back(made_bytes(random, random.below(9)));
            if (k < size) texts.insert(asked.back());
            asked.push_back(made_bytes(random, kUuidBytes));
            if (k < size) uuids.insert(asked.back());
        }
        const Texts text_list({texts.begin(), texts.end()});
        std::string uuid_bytes;
        for (const std::string& uuid : uuids) uuid_bytes += uuid;
        std::vector<Id> wanted_texts, wanted_uuids;
        for (const std::string& bytes : asked) {
            wanted_texts.push_back(Id::text(bytes));
            if (bytes.size() == kUuidBytes) wanted_uuids.push_back(Id::uuid(bytes));
        }
        expect_found_as_by_lower_bound(text_list.view(), wanted_texts);
        expect_found_as_by_lower_bound(
            IdView::uuids(uuid_bytes.data(), static_cast<std::int64_t>(uuids.size())), wanted_uuids);
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
