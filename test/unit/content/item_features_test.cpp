#include "core/content/item_features.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/ratings/unite_items.hpp"
#include "core/runtime/error.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

const std::vector<FeatureColumn> kColumns = {
    {"genre", FeatureKind::tags}, {"price", FeatureKind::number}, {"title", FeatureKind::words}};

struct Item {
    std::int64_t id;
    std::vector<std::pair<std::string, double>> tags, words;
    std::vector<double> numbers;
};

ItemFeatures features_of(const std::vector<Item>& items, const TermLimits& limits = {}) {
    MemoryBudget budget(std::size_t{1} << 30);
    QuietHost host;
    ItemFeaturesBuilder builder(IdType::integer, kColumns, budget);
    for (const Item& item : items) {
        builder.add_item(Id::of(item.id));
        for (const auto& [tag, weight] : item.tags) builder.add_tag(0, tag, weight);
        for (const double number : item.numbers) builder.add_number(1, number);
        for (const auto& [word, count] : item.words) builder.add_word(2, word, count);
    }
    return builder.finish(limits, host);
}

std::map<std::string, double> terms_of(const ItemFeatures& features, std::int64_t item) {
    std::map<std::string, double> result;
    const SparseRow row = features.by_item.row(features.items.view().find(Id::of(item)));
    for (std::size_t k = 0; k < row.size(); k++)
        result[std::string(features.terms.view().at(row.columns[k]).bytes)] = row.values[k];
    return result;
}

TEST(ItemFeatures, WeighsTagsNumbersAndWordsAsTheHeaderSays) {
    const auto features = features_of({{1, {{"a", 1}, {"b", 2}}, {{"x", 3}}, {10}},
                                       {2, {{"a", 1}}, {{"x", 1}, {"y", 1}}, {20}},
                                       {3, {{"b", 1}}, {{"y", 2}, {"rare", 1}}, {30}},
                                       {4, {}, {}, {}}});
    const double idf = std::log(2.), deviation = std::sqrt(200. / 3);
    // Of each item, by column: what it has, and the root mean square of its lengths.
    const double a = idf, tags = std::sqrt((5 * idf * idf + idf * idf + idf * idf) / 3);
    const double x = (1 + std::log(3.)) * idf, y2 = (1 + std::log(2.)) * idf;
    const double words = std::sqrt((x * x + 2 * idf * idf + y2 * y2) / 3);
    const double numbers = std::sqrt(2. * 100 / (deviation * deviation) / 2);  // the one at the mean has none
    const double price = -10 / deviation / numbers;
    const double length = std::sqrt(5 * a * a / (tags * tags) + x * x / (words * words) + price * price);
    const auto first = terms_of(features, 1);
    ASSERT_EQ(first.size(), 4u);
    EXPECT_NEAR(first.at("genre=a"), a / tags / length, 1e-6);
    EXPECT_NEAR(first.at("genre=b"), 2 * a / tags / length, 1e-6);
    EXPECT_NEAR(first.at("title:x"), x / words / length, 1e-6);
    EXPECT_NEAR(first.at("price"), price / length, 1e-6);
    EXPECT_FALSE(terms_of(features, 3).contains("title:rare"));
    EXPECT_TRUE(terms_of(features, 4).empty());
    EXPECT_EQ(features.terms.size(), 5);
}

// Half of the items share a genre, two a title: ln 2 and ln 8 nats; a number counts as ln 2.
TEST(ItemFeatures, ColumnsCountByWhatTheirValuesTell) {
    std::vector<Item> items;
    for (std::int64_t i = 0; i < 16; i++)
        items.push_back({i, {{std::to_string(i % 2), 1}}, {{std::to_string(i % 8), 1}}, {i < 8 ? -1. : 1.}});
    const auto features = features_of(items);
    const double length = std::sqrt(1. + 9 + 1);
    for (std::int64_t i = 0; i < 16; i++) {
        const auto terms = terms_of(features, i);
        EXPECT_NEAR(terms.at("genre=" + std::to_string(i % 2)), 1 / length, 1e-6);
        EXPECT_NEAR(terms.at("title:" + std::to_string(i % 8)), 3 / length, 1e-6);
        EXPECT_NEAR(terms.at("price"), (i < 8 ? -1 : 1) / length, 1e-6);
    }
}

TEST(ItemFeatures, DoNotDependOnTheOrderOfItemsAndTags) {
    Random random(5, 0);
    std::vector<Item> items;
    for (std::int64_t i = 0; i < 60; i++) {
        Item item{i, {}, {}, {random.normal()}};
        for (int k = 0; k < 6; k++) item.tags.emplace_back(std::to_string(random.below(9)), random.uniform());
        for (int k = 0; k < 9; k++)
            item.words.emplace_back(std::to_string(random.below(30)), 1 + random.below(3));
        items.push_back(item);
    }
    const auto features = features_of(items);
    for (std::size_t k = items.size(); k > 1; k--) std::swap(items[k - 1], items[random.below(k)]);
    for (Item& item : items) std::reverse(item.tags.begin(), item.tags.end());
    const auto again = features_of(items);
    EXPECT_EQ(features.by_item.start, again.by_item.start);
    EXPECT_TRUE(std::ranges::equal(features.by_item.columns, again.by_item.columns));
    EXPECT_TRUE(std::ranges::equal(features.by_item.values, again.by_item.values));
    for (std::int64_t item = 0; item < 60; item++) {
        double square = 0;
        for (const auto& [term, weight] : terms_of(features, item)) square += weight * weight;
        EXPECT_NEAR(square, 1, 1e-5);
    }
}

TEST(ItemFeatures, LimitsOfTerms) {
    const std::vector<Item> items = {{1, {{"most", 1}, {"two", 1}}, {}, {}},
                                     {2, {{"most", 1}, {"two", 1}}, {}, {}},
                                     {3, {{"most", 1}}, {}, {}},
                                     {4, {{"one", 1}}, {}, {}}};
    EXPECT_EQ(terms_of(features_of(items), 1).size(), 1u);
    EXPECT_EQ(terms_of(features_of(items, {2, 1}), 1).size(), 2u);
    EXPECT_EQ(terms_of(features_of(items, {1, .5}), 4).size(), 1u);
    EXPECT_THROW(features_of(items, {4, .5}), InvalidInput);
}

TEST(ItemFeatures, StrayNumbersAreBoundedAndConstantOnesAreNone) {
    std::vector<Item> items;
    for (std::int64_t i = 0; i < 50; i++) items.push_back({i, {{i % 2 ? "a" : "b", 1}}, {}, {1}});
    EXPECT_EQ(terms_of(features_of(items), 3).size(), 1u);
    items[7].numbers = {1e300};
    EXPECT_GT(terms_of(features_of(items), 7).at("price"), .5);
}

TEST(ItemFeatures, RefusesRepeatedItemsAndWeightsThatAreNone) {
    EXPECT_THROW(features_of({{1, {}, {}, {}}, {1, {}, {}, {}}}), InvalidInput);
    for (const double weight : {std::nan(""), HUGE_VAL, -1e31})
        EXPECT_THROW(features_of({{1, {{"a", weight}}, {}, {}}}), InvalidInput);
    MemoryBudget budget(1 << 16);
    ItemFeaturesBuilder builder(IdType::integer, kColumns, budget);
    const auto fill = [&] {
        for (std::int64_t item = 0; item < 10000; item++) {
            builder.add_item(Id::of(item));
            builder.add_tag(0, std::to_string(item));
        }
    };
    EXPECT_THROW(fill(), MemoryLimitExceeded);
}

TEST(UniteItems, KeepsRatingsAtTheirItems) {
    MemoryBudget budget(std::size_t{1} << 30);
    QuietHost host;
    RatingsBuilder builder(IdType::text, IdType::text, false, budget);
    for (const char* item : {"b", "d", "f"})
        builder.add(Id::text("u"), Id::text(item), static_cast<float>(item[0]));
    Ratings ratings = builder.finish(OnDuplicate::mean, host);
    IdDictionary others(IdType::text);
    for (const char* item : {"e", "d", "a"}) others.code(Id::text(item));
    std::vector<std::int32_t> index;
    const IdList list = others.finish(index, host);
    const UnitedItems places = unite_items(ratings, list.view(), budget, host);
    ASSERT_EQ(ratings.items.size(), 5);
    EXPECT_EQ(ratings.by_user.columns_count, 5);
    EXPECT_EQ(places.rated, (std::vector<std::int32_t>{1, 2, 4}));
    EXPECT_EQ(places.others, (std::vector<std::int32_t>{0, 2, 3}));
    const SparseRow row = ratings.by_user.row(0);
    for (std::size_t k = 0; k < 3; k++)
        EXPECT_EQ(ratings.items.view().at(row.columns[k]).bytes[0], static_cast<char>(row.values[k]));
}

}  // namespace
}  // namespace personalize::core
