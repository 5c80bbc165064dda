#include "core/ratings/user_history.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
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

// The ids 0 ... 999: each is its own index.
IdView thousand_items() {
    static const auto ids = [] {
        std::vector<std::int64_t> all(1000);
        std::iota(all.begin(), all.end(), 0);
        return all;
    }();
    return IdView::integers(ids);
}

void add(UserHistory& history, std::int64_t item, float rating) { history.add(Id::of(item), rating, 0); }

std::vector<std::int32_t> seen(const UserHistory& history) {
    return {history.seen().begin(), history.seen().end()};
}

class Merging : public testing::TestWithParam<OnDuplicate> {};

TEST_P(Merging, AgreesWithTrainingToTheBit) {
    const auto rows = made_rows();
    const SparseMatrix expected = merged_by_training(rows, GetParam());
    UserHistory history(thousand_items());
    for (const Row& row : rows) history.add(Id::of(row.item), row.rating, row.time);
    history.finish(GetParam());
    const auto values = history.observations(rule_of(Feedback::explicit_feedback)).values;
    ASSERT_EQ(values.size(), expected.values.size());
    for (std::size_t k = 0; k < expected.values.size(); k++) EXPECT_EQ(values[k], expected.values[k]);
}

INSTANTIATE_TEST_SUITE_P(Rules, Merging,
                         testing::Values(OnDuplicate::sum, OnDuplicate::mean, OnDuplicate::last));

TEST(UserHistory, SortsAndPassesOverWhatIsNoNumber) {
    UserHistory history(thousand_items());
    add(history, 9, 1);
    add(history, 4, NAN);
    add(history, 5, std::numeric_limits<float>::infinity());
    add(history, 5, -3.4e38f);
    add(history, 2, 1);
    history.finish(OnDuplicate::sum);
    EXPECT_EQ(seen(history), (std::vector<std::int32_t>{2, 9}));
    EXPECT_EQ(history.observations(rule_of(Feedback::implicit_feedback)).items, seen(history));
}

TEST(UserHistory, SortsAnyNumberOfItems) {
    Random random(3, 0);
    std::vector<std::int64_t> ids;
    for (std::int64_t id = -70'000; id < 70'000; id++)
        ids.push_back(3 * id);  // indexes of more than two bytes
    for (const int rows : {1, 2, 31, 32, 33, 100, 3000}) {
        UserHistory history(IdView::integers(ids));
        std::set<std::int32_t> expected;
        for (int k = 0; k < rows; k++) {
            const auto index = static_cast<std::int32_t>(random.below(ids.size()));
            add(history, ids[index], 1);
            add(history, ids[index] + 1, 1);
            expected.insert(index);
        }
        history.finish(OnDuplicate::sum);
        EXPECT_EQ(seen(history), std::vector<std::int32_t>(expected.begin(), expected.end())) << rows;
    }
}

TEST(UserHistory, ItemsOfTextThatAreUnknown) {
    const std::vector<std::uint64_t> offsets{0, 1, 2};
    UserHistory history(IdView::texts(offsets, "bd"));
    for (const char* item : {"d", "a", "c", "b", "e", "d"}) history.add(Id::text(item), 1, 0);
    history.finish(OnDuplicate::sum);
    EXPECT_EQ(seen(history), (std::vector<std::int32_t>{0, 1}));
}

TEST(UserHistory, DislikesAreSeenAndTellNoTaste) {
    FeedbackRule rule = rule_of(Feedback::implicit_feedback);
    rule.has_positive_from = true;
    rule.positive_from = 3;
    UserHistory history(thousand_items());
    add(history, 1, 2);
    history.finish(OnDuplicate::mean);
    EXPECT_EQ(history.seen().size(), 1u);
    EXPECT_TRUE(history.observations(rule).items.empty());
    add(history, 6, 4);
    history.finish(OnDuplicate::mean);
    const Observations both = history.observations(rule);
    ASSERT_EQ(both.values.size(), 2u);
    EXPECT_LT(both.values[0], 0);
    EXPECT_GT(both.values[1], 0);
}

TEST(UserHistory, NothingAtAll) {
    UserHistory history(thousand_items());
    history.finish(OnDuplicate::last);
    EXPECT_TRUE(history.seen().empty());
    EXPECT_TRUE(history.observations(rule_of(Feedback::explicit_feedback)).items.empty());
}

TEST(UserHistory, CountsRowsAndKnowsTheirTimes) {
    UserHistory history(thousand_items());
    EXPECT_GT(history.first_time(), history.last_time());
    for (const Row& row : {Row{1, 1, 120}, Row{1, 3, 80}, Row{5000, 1, 60}, Row{2, 1, -HUGE_VAL},
                           Row{3, std::numeric_limits<float>::quiet_NaN(), 20}})
        history.add(Id::of(row.item), row.rating, row.time);
    history.finish(OnDuplicate::sum);
    EXPECT_EQ(history.rows(), 4);
    EXPECT_EQ(history.unknown_rows(), 1);
    EXPECT_EQ(history.first_time(), 60);
    EXPECT_EQ(history.last_time(), 120);
    EXPECT_TRUE(std::ranges::equal(history.ratings(), std::vector<float>{4, 1}));
    EXPECT_TRUE(std::ranges::equal(history.times(), std::vector<double>{120, -HUGE_VAL}));
}

TEST(UserHistory, OldLikesCountLess) {
    FeedbackRule rule = rule_of(Feedback::implicit_feedback);
    rule.half_life = 10;
    rule.newest = 100;
    UserHistory history(thousand_items());
    for (const Row& row :
         {Row{1, 1, 120}, Row{2, 1, 100}, Row{3, 1, 80}, Row{3, 1, 90}, Row{4, 1, -HUGE_VAL}})
        history.add(Id::of(row.item), row.rating, row.time);
    history.finish(OnDuplicate::sum);
    EXPECT_EQ(history.observations(rule).values, (std::vector<float>{1, 1, .5f, 1e-6f}));
}

}  // namespace
}  // namespace personalize::core
