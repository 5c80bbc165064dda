#include "core/ratings/user_history.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

struct Row {
    std::int32_t item;
    float rating;
    double time;
};

FeedbackRule rule_of(Feedback feedback) {
    FeedbackRule rule;
    rule.feedback = feedback;
    return rule;
}

std::vector<Row> made_rows() {
    Random random(7, 0);
    std::vector<Row> rows;
    for (int k = 0; k < 200; k++)
        rows.push_back({static_cast<std::int32_t>(random.below(40)),
                        static_cast<float>(1 + random.below(50)) / 10,
                        static_cast<double>(random.below(30))});
    return rows;
}

// Training's own merging of the same rows, all of one user.
SparseMatrix merged_by_training(const std::vector<Row>& rows, OnDuplicate on_duplicate) {
    MemoryBudget budget(std::size_t{1} << 30);
    QuietHost host;
    RatingsBuilder builder(IdType::integer, IdType::integer, true, budget);
    for (const Row& row : rows) builder.add(Id::of(1), Id::of(row.item), row.rating, row.time);
    return builder.finish(on_duplicate, host).by_user;
}

class Merging : public testing::TestWithParam<OnDuplicate> {};

TEST_P(Merging, AgreesWithTrainingToTheBit) {
    const auto rows = made_rows();
    const SparseMatrix expected = merged_by_training(rows, GetParam());
    UserHistory history;
    for (const Row& row : rows) history.add(row.item, row.rating, row.time);
    history.finish(rule_of(Feedback::explicit_feedback), GetParam());
    ASSERT_EQ(history.values().size(), expected.values.size());
    for (std::size_t k = 0; k < expected.values.size(); k++)
        EXPECT_EQ(history.values()[k], expected.values[k]);
}

INSTANTIATE_TEST_SUITE_P(Rules, Merging,
                         testing::Values(OnDuplicate::sum, OnDuplicate::mean, OnDuplicate::last));

TEST(UserHistory, SortsAndPassesOverWhatIsNoNumber) {
    UserHistory history;
    history.add(9, 1, 0);
    history.add(4, NAN, 0);
    history.add(5, std::numeric_limits<float>::infinity(), 0);
    history.add(2, 1, 0);
    history.finish(rule_of(Feedback::implicit_feedback), OnDuplicate::sum);
    EXPECT_EQ(std::vector<std::int32_t>(history.seen().begin(), history.seen().end()),
              (std::vector<std::int32_t>{2, 9}));
    EXPECT_TRUE(history.tells_taste());
}

TEST(UserHistory, DislikesAreSeenAndTellNoTaste) {
    FeedbackRule rule = rule_of(Feedback::implicit_feedback);
    rule.has_positive_from = true;
    rule.positive_from = 3;
    UserHistory history;
    history.add(1, 2, 0);
    history.finish(rule, OnDuplicate::mean);
    EXPECT_EQ(history.seen().size(), 1u);
    EXPECT_FALSE(history.tells_taste());
    history.add(6, 4, 0);
    history.finish(rule, OnDuplicate::mean);
    EXPECT_TRUE(history.tells_taste());
    EXPECT_LT(history.values()[0], 0);
    EXPECT_GT(history.values()[1], 0);
}

TEST(UserHistory, NothingAtAll) {
    UserHistory history;
    history.finish(rule_of(Feedback::explicit_feedback), OnDuplicate::last);
    EXPECT_TRUE(history.seen().empty());
    EXPECT_FALSE(history.tells_taste());
}

}  // namespace
}  // namespace personalize::core
