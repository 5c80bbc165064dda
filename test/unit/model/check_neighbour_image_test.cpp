// What check_model_image() finds in models of neighbours.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "core/model/knn_model.hpp"
#include "core/model/recommender.hpp"
#include "core/runtime/random.hpp"
#include "model/image_victim.hpp"

namespace personalize::core {
namespace {

class NeighbourVictim : public LaidOutVictim {
  public:
    explicit NeighbourVictim(bool of_users = false) : LaidOutVictim(made(of_users)) {}

  private:
    static ModelBytes made(bool of_users) {
        MemoryBudget budget(std::size_t{1} << 20);
        QuietHost host;
        Ratings ratings = few_ratings(budget);
        const auto rule = fit_and_encode(ratings, Feedback::explicit_feedback, Weighting::binary, {});
        KnnOptions options;
        options.feedback = Feedback::explicit_feedback;
        options.of_users = of_users;
        const KnnModel model = train_knn(ratings, rule, options, budget, host);
        return write_model_image(model.parts(ratings));
    }
};

TEST(CheckModelImage, NeighboursThatCannotBeServedAreFound) {
    NeighbourVictim victim;
    ASSERT_GE(victim.section<std::int32_t>(kNeighbours).size(), 4u);
    EXPECT_EQ(victim.complaint_after([](auto&) {}), "");
    using Edit = std::function<void(LaidOutVictim&)>;
    const Edit edits[] = {
        [](auto& v) { v.header().kind = 0; },
        [](auto& v) { v.header().kind = 2; },
        [](auto& v) { v.header().kind = 3; },
        [](auto& v) { v.header().rank = 4; },
        [](auto& v) { v.header().feedback = 0; },
        [](auto& v) { v.header().sections[kNeighbours].size -= 4; },
        [](auto& v) { v.template section<std::int64_t>(kNeighbourStart)[0] = 1; },
        [](auto& v) { v.template section<std::int64_t>(kNeighbourStart)[1] = -1; },
        [](auto& v) { v.template section<std::int64_t>(kNeighbourStart)[1] = 1 << 20; },
        [](auto& v) { v.template section<std::int64_t>(kNeighbourStart).back()++; },
        [](auto& v) { v.template section<std::int32_t>(kNeighbours)[0] = -1; },
        [](auto& v) { v.template section<std::int32_t>(kNeighbours)[0] = 5; },
        [](auto& v) {
            const auto columns = v.template section<std::int32_t>(kNeighbours);
            const auto start = v.template section<std::int64_t>(kNeighbourStart);
            for (std::size_t row = 0; row + 1 < start.size(); row++)
                if (start[row + 1] - start[row] >= 2) columns[start[row] + 1] = columns[start[row]];
        },
        [](auto& v) { v.template section<float>(kNeighbourWeights)[0] = kNan; },
        [](auto& v) { v.template section<float>(kNeighbourWeights)[0] = kInfinity; },
        [](auto& v) { v.template section<float>(kNeighbourWeights)[0] = 1e15f; },
        [](auto& v) { v.template section<float>(kSeenValues)[0] = kNan; },
        [](auto& v) { v.template section<float>(kItemOffsets)[0] = kNan; },
    };
    for (const Edit& edit : edits) EXPECT_NE(victim.complaint_after(edit), "") << &edit - edits;
}

TEST(CheckModelImage, NeighboursOfUsersThatCannotBeServedAreFound) {
    NeighbourVictim victim(true);
    ASSERT_EQ(victim.header().kind, 2);
    ASSERT_GE(victim.section<std::int32_t>(kPostings).size(), 4u);
    EXPECT_EQ(victim.complaint_after([](auto&) {}), "");
    using Edit = std::function<void(LaidOutVictim&)>;
    const Edit edits[] = {
        [](auto& v) { v.header().kind = 0; },
        [](auto& v) { v.header().kind = 1; },
        [](auto& v) { v.header().kind = 3; },
        [](auto& v) { v.header().kind = 4; },
        [](auto& v) { v.header().rank = 4; },
        [](auto& v) { v.header().feedback = 0; },
        [](auto& v) { v.header().sections[kPostings].size -= 4; },
        [](auto& v) { v.header().sections[kPostingStart].size -= 8; },
        [](auto& v) { v.header().sections[kPostingWeights].size -= 4; },
        [](auto& v) { v.header().sections[kPayload].size -= 64; },
        [](auto& v) { v.template section<std::int64_t>(kPostingStart)[0] = 1; },
        [](auto& v) { v.template section<std::int64_t>(kPostingStart)[1] = -1; },
        [](auto& v) { v.template section<std::int64_t>(kPostingStart)[1] = 1 << 20; },
        [](auto& v) { v.template section<std::int64_t>(kPostingStart).back()++; },
        [](auto& v) { v.template section<std::int32_t>(kPostings)[0] = -1; },
        [](auto& v) { v.template section<std::int32_t>(kPostings)[7] = 8; },
        [](auto& v) {
            const auto users = v.template section<std::int32_t>(kPostings);
            users[1] = users[0];
        },
        [](auto& v) { v.template section<float>(kPostingWeights)[0] = kNan; },
        [](auto& v) { v.template section<float>(kPostingWeights)[0] = 1e15f; },
        [](auto& v) { v.template section<float>(kSeenValues)[0] = kNan; },
        [](auto& v) { v.template section<float>(kItemOffsets)[0] = kNan; },
        [](auto& v) { v.template section<std::int32_t>(kPayload)[0] = 0; },
        [](auto& v) { v.template section<std::uint8_t>(kPayload)[4] = 2; },
        [](auto& v) { v.template section<std::uint8_t>(kPayload)[4] = 6; },
        [](auto& v) { v.template section<std::uint8_t>(kPayload)[5] = 4; },
        [](auto& v) { v.template section<float>(kPayload)[2] = -1; },
        [](auto& v) { v.template section<float>(kPayload)[2] = kNan; },
        [](auto& v) { v.template section<std::int64_t>(kPayload)[2] = -1; },
        [](auto& v) { v.template section<float>(kPayload)[16] = kInfinity; },
        [](auto& v) { v.template section<float>(kPayload)[32] = kNan; },
    };
    for (const Edit& edit : edits) EXPECT_NE(victim.complaint_after(edit), "") << &edit - edits;
}

// Random edits of a model of users' neighbours with right checksums must be refused, or leave one that can
// be asked whatever it knows.
TEST(CheckModelImage, RandomEditsOfNeighboursOfUsersNeverLeadOutside) {
    Random random(9, 0);
    NeighbourVictim victim(true);
    const ModelBytes whole = copy_of(victim.image());
    QuietHost host;
    for (int round = 0; round < 4'000; round++) {
        std::ranges::copy(whole, victim.image().data());
        const std::size_t range = random.below(4) == 0 ? sizeof(ImageHeader) : whole.size();
        for (std::uint64_t edits = 1 + random.below(3); edits > 0; edits--)
            victim.image().data()[random.below(range)] = static_cast<std::byte>(random.next());
        victim.mend_checksums();
        if (!complaint(victim.image()).empty()) continue;
        const ModelParts parts = open_model_image(victim.image());
        const auto recommender = make_recommender(parts);
        std::vector<Scored> list;
        for (std::int32_t user = 0; user < parts.users.size(); user++) try {
                const Taste taste = recommender->stored_taste(user);
                recommender->best_items(taste, nullptr, 5, list);
                recommender->similar_users(taste, user, 5, list);
                recommender->similar_items(user % 5, 5, list);
                recommender->explain_told({taste.items, taste.values, user}, user % 5, host);
            } catch (const CorruptModel&) {
            }
    }
}

}  // namespace
}  // namespace personalize::core
