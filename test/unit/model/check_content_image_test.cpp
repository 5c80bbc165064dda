// What check_model_image() finds in models of content.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "core/model/content_model.hpp"
#include "core/model/recommender.hpp"
#include "core/runtime/random.hpp"
#include "model/image_victim.hpp"

namespace personalize::core {
namespace {

// A model of content: seven items, of which two are not rated, and four terms.
class ContentVictim : public LaidOutVictim {
  public:
    ContentVictim() : LaidOutVictim(made()) {}

  private:
    static ModelBytes made() {
        MemoryBudget budget(std::size_t{1} << 20);
        QuietHost host;
        Ratings ratings = few_ratings(budget);
        const auto rule = fit_and_encode(ratings, Feedback::implicit_feedback, Weighting::binary, 3.f);
        ItemFeaturesBuilder builder(IdType::integer,
                                    {{"genre", FeatureKind::tags}, {"size", FeatureKind::number}}, budget);
        for (std::int64_t item = 0; item < 7; item++) {
            builder.add_item(Id::of(item));
            builder.add_tag(0, std::string(1, static_cast<char>('a' + item % 3)));
            builder.add_number(1, static_cast<double>(item));
        }
        const ContentModel model = train_content(ratings, rule, builder.finish({}, host), 1, budget, host);
        return write_model_image(model.parts(ratings));
    }
};

TEST(CheckModelImage, ContentThatCannotBeServedIsFound) {
    ContentVictim victim;
    ASSERT_EQ(victim.section<std::int64_t>(kPostingStart).size(), 5u);
    EXPECT_EQ(victim.complaint_after([](auto&) {}), "");
    using Edit = std::function<void(LaidOutVictim&)>;
    const Edit edits[] = {
        [](auto& v) { v.header().kind = 0; },
        [](auto& v) { v.header().kind = 1; },
        [](auto& v) { v.header().kind = 2; },
        [](auto& v) { v.header().kind = 4; },
        [](auto& v) { v.header().feedback = 1; },
        [](auto& v) { v.header().sections[kPostingStart].size -= 8; },
        [](auto& v) { v.header().sections[kPostings].size -= 4; },
        [](auto& v) { v.header().sections[kTerms].size = 8; },
        [](auto& v) { v.template section<std::uint64_t>(kTerms)[1] = 1 << 20; },
        [](auto& v) { v.template section<std::uint64_t>(kTerms)[2] = 0; },
        [](auto& v) { v.template section<char>(kTerms)[5 * sizeof(std::uint64_t)] = 'z'; },
        [](auto& v) { v.template section<std::int64_t>(kPostingStart)[0] = 1; },
        [](auto& v) { v.template section<std::int64_t>(kPostingStart)[1] = 1 << 20; },
        [](auto& v) { v.template section<std::int64_t>(kPostingStart).back()++; },
        [](auto& v) { v.template section<std::int32_t>(kPostings)[0] = -1; },
        [](auto& v) { v.template section<std::int32_t>(kPostings)[0] = 7; },
        [](auto& v) { v.template section<std::int32_t>(kNeighbours)[0] = 4; },
        [](auto& v) { v.template section<std::int64_t>(kNeighbourStart)[1] = 1 << 20; },
        [](auto& v) { v.template section<float>(kNeighbourWeights)[0] = kNan; },
        [](auto& v) { v.template section<float>(kPostingWeights)[0] = kInfinity; },
        [](auto& v) { v.template section<float>(kSeenValues)[0] = kNan; },
    };
    for (const Edit& edit : edits) EXPECT_NE(victim.complaint_after(edit), "") << &edit - edits;
}

// As for models of factors: what is not refused can be read.
TEST(CheckModelImage, RandomEditsOfContentNeverLeadOutside) {
    Random random(11, 0);
    ContentVictim victim;
    const ModelBytes whole = copy_of(victim.image());
    for (int round = 0; round < 4'000; round++) {
        const std::size_t range = random.below(2) == 0 ? sizeof(ImageHeader) : victim.image().size();
        for (std::uint64_t edits = 1 + random.below(3); edits > 0; edits--)
            victim.image()[random.below(range)] = static_cast<std::byte>(random.next());
        victim.mend_checksums();
        if (complaint(victim.image()).empty()) {
            const ModelParts parts = open_model_image(victim.image());
            const auto recommender = make_recommender(parts);
            std::vector<Scored> list;
            for (std::int32_t user = 0; user < parts.users.size(); user++)
                recommender->best_items(recommender->stored_taste(user), nullptr, 5, list);
            for (std::int32_t item = 0; item < parts.items.size(); item++)
                recommender->similar_items(item, 5, list);
        }
        std::ranges::copy(whole, victim.image().data());
    }
}

}  // namespace
}  // namespace personalize::core
