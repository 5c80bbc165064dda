#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <string>
#include <vector>

#include "core/ratings/ids.hpp"
#include "core/runtime/error.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

Id id_of(std::int64_t value) { return Id::of(value); }
Id id_of(const std::string& value) { return Id::text(value); }

// Feeds the values, some of them repeated, and compares codes, order and indexes with std::map's.
template <class Value>
void expect_as_map(IdType type, const std::vector<Value>& values, Id (*make)(const Value&)) {
    IdDictionary dictionary(type);
    std::map<Value, std::uint32_t> code_of;
    for (const Value& value : values) {
        const auto code =
            code_of.try_emplace(value, static_cast<std::uint32_t>(code_of.size())).first->second;
        ASSERT_EQ(dictionary.code(make(value)), code);
    }
    ASSERT_EQ(dictionary.size(), static_cast<std::int64_t>(code_of.size()));

    QuietHost host;
    std::vector<std::int32_t> index_of_code;
    const IdList list = dictionary.finish(index_of_code, host);
    ASSERT_EQ(list.size(), static_cast<std::int64_t>(code_of.size()));
    std::int32_t index = 0;
    for (const auto& [value, code] : code_of) {
        ASSERT_EQ(index_of_code[code], index);
        ASSERT_EQ(list.view().at(index), make(value));
        ASSERT_EQ(list.view().find(make(value)), index);
        index++;
    }
}

void expect_as_map(const std::vector<std::int64_t>& values) {
    expect_as_map<std::int64_t>(IdType::integer, values, [](const std::int64_t& v) { return id_of(v); });
}
void expect_as_map(const std::vector<std::string>& values) {
    expect_as_map<std::string>(IdType::text, values, [](const std::string& v) { return id_of(v); });
}

TEST(IdDictionary, Empty) {
    expect_as_map(std::vector<std::int64_t>{});
    expect_as_map(std::vector<std::string>{});
}

TEST(IdDictionary, ExtremeIntegers) {
    constexpr auto kLowest = std::numeric_limits<std::int64_t>::min(),
                   kHighest = std::numeric_limits<std::int64_t>::max();
    expect_as_map({kHighest, -1, kLowest, 0, kLowest, kLowest + 1, kHighest - 1, kHighest, 0, -1});
}

TEST(IdDictionary, RandomIntegersOfEachSpread) {
    Random random(1, 0);
    for (const std::uint64_t spread : {std::uint64_t{10}, std::uint64_t{100'000}, ~std::uint64_t{0}}) {
        std::vector<std::int64_t> values;
        for (int k = 0; k < 50'000; k++)
            values.push_back(static_cast<std::int64_t>(random.below(spread)) - 50);
        expect_as_map(values);
    }
}

TEST(IdDictionary, IntegersThatShareTheirLowBits) {
    std::vector<std::int64_t> values;
    for (std::int64_t k = 0; k < 20'000; k++) values.push_back(k * (std::int64_t{1} << 44));
    expect_as_map(values);
}

TEST(IdDictionary, TextsWithACommonPrefix) {
    std::vector<std::string> values;
    for (int k = 0; k < 20'000; k++) values.push_back("customer-number-" + std::to_string(k * 7919 % 20'011));
    values.push_back("customer-number-");
    expect_as_map(values);
}

TEST(IdDictionary, TextsThatDifferInZeroBytes) {
    const std::string zeros(12, '\0');
    std::vector<std::string> values;
    for (std::size_t length : {12, 0, 3, 9, 8, 1, 7}) values.push_back(zeros.substr(0, length));
    expect_as_map(values);
    for (auto& value : values) value = "prefix" + value;
    expect_as_map(values);
}

TEST(IdDictionary, LongTextsAndAnyBytes) {
    Random random(2, 0);
    std::vector<std::string> values{std::string(10'000, 'x'), std::string(10'000, 'x') + 'y', "", "\xff\xfe"};
    for (int k = 0; k < 3'000; k++) {
        std::string value(random.below(20), ' ');
        for (char& byte : value) byte = static_cast<char>(random.below(3) * 127);
        values.push_back(value);
    }
    expect_as_map(values);
}

TEST(IdDictionary, Uuids) {
    Random random(3, 0);
    std::vector<std::string> values;
    for (int k = 0; k < 5'000; k++) {
        std::string value(16, '\0');
        value[0] = static_cast<char>(random.below(2) * 255);
        value[7] = static_cast<char>(random.below(2));
        value[15] = static_cast<char>(random.below(256));
        values.push_back(value);
    }
    expect_as_map<std::string>(IdType::uuid, values, [](const std::string& v) { return Id::uuid(v); });
}

TEST(IdDictionary, ClaimsMemoryBeforeItGrows) {
    MemoryBudget budget(100'000);
    {
        IdDictionary dictionary(IdType::text, &budget);
        const std::string large(200'000, 'x');
        EXPECT_THROW(dictionary.code(Id::text(large)), MemoryLimitExceeded);
        EXPECT_THROW(for (int k = 0; k < 100'000; k++) dictionary.code(Id::text(std::to_string(k))),
                     MemoryLimitExceeded);
        EXPECT_LE(dictionary.memory(), budget.limit());
        EXPECT_EQ(dictionary.memory(), budget.used());
    }
    EXPECT_EQ(budget.used(), 0u);
}

TEST(IdDictionary, LeavesTheResultClaimed) {
    MemoryBudget budget(1'000'000);
    QuietHost host;
    std::vector<std::int32_t> index_of_code;
    {
        IdDictionary dictionary(IdType::integer, &budget);
        for (int k = 0; k < 1'000; k++) dictionary.code(Id::of(k));
        dictionary.finish(index_of_code, host);
    }
    EXPECT_EQ(budget.used(), 1'000 * (sizeof(std::int64_t) + sizeof(std::int32_t)));
}

}  // namespace
}  // namespace personalize::core
