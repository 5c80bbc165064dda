#include "core/ratings/seen_items.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/runtime/error.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

using Items = std::vector<std::int32_t>;

TEST(SeenItems, HoldsWhatWasPutIn) {
    const std::vector<Items> users{{},
                                   {0},
                                   {0, 1, 2, 129, 130, 258},
                                   {127, 255, 256, 128 * 128 + 256, 128 * 128 * 128 + 128 * 128 + 257},
                                   {0x7FFFFFEF},
                                   {}};
    SeenItemsList list;
    for (const Items& items : users) list.add_user(items);
    for (std::size_t u = 0; u < users.size(); u++) {
        EXPECT_EQ(list.view().of(static_cast<std::int64_t>(u)), users[u]);
        EXPECT_EQ(list.view().count(static_cast<std::int64_t>(u)), std::ssize(users[u]));
    }
    EXPECT_EQ(wrong_with_seen(list.view(), 0x7FFFFFF0), nullptr);
    EXPECT_EQ(wrong_with_seen(list.view(), 0x7FFFFFEF),
              std::string("seen items name one that does not exist"));
}

TEST(SeenItems, OfAMatrixAsOneByOne) {
    SparseMatrix matrix;
    SeenItemsList one_by_one, copied;
    for (std::uint64_t u = 0; u < 200; u++) {
        Items items;
        for (std::int32_t i = 0; i < 5000;
             i += 1 + static_cast<std::int32_t>(mix64(u * 5000 + i) % (1 + 3 * u)))
            items.push_back(i);
        matrix.columns.insert(matrix.columns.end(), items.begin(), items.end());
        matrix.start.push_back(std::ssize(matrix.columns));
        one_by_one.add_user(items);
    }
    QuietHost host;
    MemoryBudget budget(std::size_t{1} << 30);
    const SeenItemsList whole(matrix, budget, host);
    for (std::int64_t u = 0; u < 200; u++) copied.add_user(whole.view(), u);
    for (const SeenItemsList* list : {&one_by_one, &copied}) {
        EXPECT_TRUE(std::ranges::equal(list->view().start(), whole.view().start()));
        EXPECT_TRUE(std::ranges::equal(list->view().gaps(), whole.view().gaps()));
    }
    EXPECT_EQ(budget.used(), whole.view().gaps().size() + 201 * sizeof(std::int64_t));
    MemoryBudget small(1000);
    EXPECT_THROW(SeenItemsList(matrix, small, host), MemoryLimitExceeded);
}

TEST(SeenItems, FindsBytesThatAreNone) {
    const std::vector<std::int64_t> start{0, 2, 3};
    const auto wrong = [&](std::vector<std::uint8_t> gaps, const std::vector<std::int64_t>& at) {
        const char* text = wrong_with_seen({at, gaps}, 100);
        return std::string(text == nullptr ? "" : text);
    };
    EXPECT_EQ(wrong({1, 2, 3}, start), "");
    EXPECT_EQ(wrong({1, 0x80, 3}, start), "seen items are cut off");
    EXPECT_EQ(wrong({1, 98, 3}, start), "seen items name one that does not exist");
    EXPECT_EQ(wrong({1, 2, 3, 4}, start), "seen items are not divided among its users");
    EXPECT_EQ(wrong({1, 2, 3}, {0, 3, 2}), "seen items are not divided among its users");
    EXPECT_EQ(wrong({0xFF, 0xFF, 0xFF, 0xFF, 0x0F}, {0, 5}), "seen items are cut off");
    EXPECT_EQ(wrong({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01}, {0, 6}), "seen items are cut off");
    EXPECT_EQ(wrong({0xFF, 0xFF, 0xFF, 0xFF, 0x07}, {0, 5}), "seen items name one that does not exist");
}

}  // namespace
}  // namespace personalize::core
