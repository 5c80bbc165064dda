#include "core/runtime/memory_budget.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "core/runtime/error.hpp"

namespace personalize::core {
namespace {

TEST(MemoryBudget, AddsClaimsUp) {
    MemoryBudget budget(100);
    budget.reserve(60, "one");
    budget.reserve(40, "two");
    EXPECT_EQ(budget.used(), 100u);
    EXPECT_THROW(budget.reserve(1, "three"), MemoryLimitExceeded);
    EXPECT_EQ(budget.used(), 100u);
    budget.release(50);
    budget.reserve(50, "three");
    budget.release(1000);
    EXPECT_EQ(budget.used(), 0u);
}

TEST(MemoryBudget, NamesBothNumbers) {
    MemoryBudget budget(std::size_t{64} << 20);
    budget.reserve(std::size_t{50} << 20, "the ratings");
    try {
        budget.reserve(std::size_t{30} << 20, "the factors");
        FAIL();
    } catch (const MemoryLimitExceeded& error) {
        const std::string message = error.what();
        EXPECT_NE(message.find("the factors"), std::string::npos);
        EXPECT_NE(message.find("80 MB"), std::string::npos);
        EXPECT_NE(message.find("64 MB"), std::string::npos);
    }
}

TEST(MemoryBudget, SumsThatOverflow) {
    MemoryBudget budget(100);
    budget.reserve(10, "one");
    EXPECT_THROW(budget.reserve(std::numeric_limits<std::size_t>::max(), "two"), MemoryLimitExceeded);
}

}  // namespace
}  // namespace personalize::core
