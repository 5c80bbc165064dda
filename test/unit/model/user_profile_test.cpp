#include "core/model/user_profile.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/model/content_model.hpp"
#include "core/model/hybrid_model.hpp"
#include "core/model/mf_model.hpp"
#include "core/model/popular.hpp"
#include "evaluation/planted_taste.hpp"

namespace personalize::core {
namespace {

constexpr std::int64_t kItems = 40;  // of ids 7, 14, ...

Ratings ratings() { return test::planted_taste({.users = 30, .items = kItems}); }

MemoryBudget& budget() {
    static MemoryBudget all(std::size_t{1} << 30);
    return all;
}

// The genre is even or odd, every fourth item is rare, and the number grows with the item.
ModelBytes content(std::optional<float> positive_from = 3.f) {
    QuietHost host;
    Ratings all = ratings();
    const auto rule = fit_and_encode(all, Feedback::implicit_feedback, Weighting::binary, positive_from);
    ItemFeaturesBuilder builder(
        IdType::integer,
        {{"genre", FeatureKind::tags}, {"rare", FeatureKind::tags}, {"n", FeatureKind::number}}, budget());
    for (std::int64_t item = 0; item < kItems; item++) {
        builder.add_item(Id::of(7 * (item + 1)));
        builder.add_tag(0, item % 2 == 0 ? "even" : "odd");
        if (item % 4 == 0) builder.add_tag(1, "yes");
        builder.add_number(2, static_cast<double>(item));
    }
    return write_servable_image(
        train_content(all, rule, builder.finish({}, host), 1, budget(), host).parts(all));
}

ModelBytes factors(Feedback feedback) {
    QuietHost host;
    Ratings all = ratings();
    MfOptions options;
    options.feedback = feedback;
    options.factors = 4;
    const FeedbackRule rule = encode_ratings(all, options);
    return write_servable_image(train_mf(all, rule, options, budget(), host).parts(all));
}

ModelBytes hybrid(const ModelBytes& a, const ModelBytes& b) {
    QuietHost host;
    const std::vector<TrainedModel> models{{"mf", a}, {"tags", b}};
    return write_servable_image(HybridModel(models, budget(), host).parts());
}

struct Row {
    std::int32_t item;  // index
    float rating;
    double time = 0;
};

// A model that is asked about users.
class Asked {
  public:
    explicit Asked(ModelBytes image)
        : image_(std::move(image)),
          parts_(open_model_image(image_)),
          recommender_(make_recommender(parts_)) {}

    std::vector<ProfileRow> current(const std::vector<Row>& rows, bool was_trained = true) {
        UserHistory history(parts_.items);
        for (const Row& row : rows) history.add(Id::of(7 * (row.item + 1)), row.rating, row.time);
        history.finish(OnDuplicate::mean);
        taste_ = recommender_->current_taste(history);
        const std::vector<std::int32_t> seen(history.seen().begin(), history.seen().end());
        return user_profile(*recommender_, parts_,
                            {taste_, seen, was_trained, &history, true, true, "the first", "the last"},
                            host_);
    }
    std::vector<ProfileRow> stored(std::int32_t user) {
        taste_ = recommender_->stored_taste(user);
        const auto seen = parts_.seen.of(user);
        return user_profile(*recommender_, parts_, {taste_, seen, true, nullptr, true, true, "", ""}, host_);
    }
    const ModelParts& parts() const { return parts_; }
    Recommender& recommender() { return *recommender_; }
    const Taste& taste() const { return taste_; }  // of who was asked about last

  private:
    ModelBytes image_;
    ModelParts parts_;
    std::unique_ptr<Recommender> recommender_;
    Taste taste_;
    QuietHost host_;
};

std::vector<ProfileRow> of_aspect(const std::vector<ProfileRow>& rows, std::string_view aspect) {
    std::vector<ProfileRow> result;
    std::ranges::copy_if(rows, std::back_inserter(result),
                         [&](const ProfileRow& row) { return row.aspect == aspect; });
    return result;
}

ProfileRow named(const std::vector<ProfileRow>& rows, std::string_view name) {
    const auto found = std::ranges::find(rows, name, &ProfileRow::name);
    EXPECT_NE(found, rows.end()) << name;
    return found != rows.end() ? *found : ProfileRow();
}

// Even items liked, odd ones not: the rare ones and the first ones best.
const std::vector<Row> kLikesEven{{0, 5, 10}, {2, 4, 20}, {4, 5, 30}, {1, 1, 40}, {3, 2, 50}, {0, 5, 5}};

TEST(UserProfile, SaysWhatIsKnownInOrder) {
    Asked model(content());
    const auto rows = model.current(kLikesEven);
    std::vector<std::string_view> aspects;
    for (const ProfileRow& row : rows)
        if (aspects.empty() || aspects.back() != row.aspect) aspects.push_back(row.aspect);
    EXPECT_EQ(aspects, (std::vector<std::string_view>{"activity", "rating", "favourite", "disliked",
                                                      "favourite item", "personal"}));
    EXPECT_EQ(named(rows, "ratings").value, 6);
    EXPECT_EQ(named(rows, "items").value, 5);
    EXPECT_EQ(named(rows, "first rating").detail, "the first");
    EXPECT_FALSE(named(rows, "last rating").value);
    EXPECT_EQ(named(rows, "mean").value, 3.4);
    EXPECT_EQ(named(rows, "mean").detail, "");
    EXPECT_EQ(named(rows, "deviation").value, 1.625);  // the root of 2.64 is 1.6248
    EXPECT_EQ(named(rows, "deviation").detail, "from 1 to 5");
    EXPECT_EQ(named(rows, "liked").value, 3);
    EXPECT_EQ(named(rows, "liked").detail, "3 of 5 items, those rated 3 or more");
    EXPECT_EQ(named(rows, "answers").detail, "by their ratings as they are now");
}

TEST(UserProfile, FavouritesAreTheTermsOfTheTaste) {
    Asked model(content());
    const auto rows = model.current(kLikesEven);
    EXPECT_EQ(named(rows, "genre=even").detail, "of 3 liked items");
    EXPECT_EQ(named(rows, "genre=even").aspect, "favourite");
    EXPECT_EQ(named(rows, "genre=odd").detail, "of 2 disliked items");
    EXPECT_EQ(named(rows, "genre=odd").aspect, "disliked");
    EXPECT_EQ(named(rows, "rare=yes").detail, "of 2 liked items");
    EXPECT_EQ(named(rows, "n").detail, "items where it is low");
    EXPECT_LT(named(rows, "n").value, 0);
    const auto terms = model.recommender().terms_of(model.taste());
    for (const TasteTerm& term : terms) {
        if (std::fabs(term.weight) < kLeastWeight) continue;
        EXPECT_NEAR(*named(rows, term.name).value, term.weight, 1e-4);
    }
    for (const char* aspect : {"favourite", "disliked"}) {
        const auto part = of_aspect(rows, aspect);
        for (std::size_t k = 1; k < part.size(); k++)
            EXPECT_GE(std::fabs(*part[k - 1].value), std::fabs(*part[k].value));
    }
    const auto mixed = model.current({{39, 5}, {38, 5}, {36, 1}, {37, 5}});
    EXPECT_EQ(named(mixed, "n").detail, "items where it is high");
    EXPECT_EQ(named(model.current({{39, 5}}), "genre=odd").detail, "of 1 liked item");
    EXPECT_EQ(named(model.current({{0, 5}, {2, 5}, {4, 5}, {8, 1}}), "genre=even").detail,
              "of 3 liked and 1 disliked items");
}

TEST(UserProfile, FavouriteItemsAreRatedAboveTheMean) {
    Asked model(content());
    const auto items = of_aspect(model.current(kLikesEven), "favourite item");
    ASSERT_EQ(items.size(), 3u);
    EXPECT_EQ(items[0].item, 4);  // rated later than item 0
    EXPECT_EQ(items[1].item, 0);
    EXPECT_EQ(items[2].item, 2);
    EXPECT_EQ(items[2].value, 4);
    EXPECT_EQ(items[2].detail, "0.6 above their mean");
    std::vector<Row> many;
    for (std::int32_t item = 0; item < 20; item++) many.push_back({item, item < 12 ? 4.6f : 1.1f});
    EXPECT_EQ(of_aspect(model.current(many), "favourite item").size(), kMostFavouriteItems);
    many.resize(11);
    EXPECT_TRUE(of_aspect(model.current(many), "favourite item").empty());
    // What is above the mean and still a dislike is no favourite.
    EXPECT_TRUE(of_aspect(model.current({{0, 1}, {1, 2}}), "favourite item").empty());
}

TEST(UserProfile, ComparesWithTheOthers) {
    Asked model(factors(Feedback::explicit_feedback));
    const auto rows = model.current({{0, 5}, {2, 4}});
    const double mean = model.parts().rule.mean;
    char text[64];
    std::snprintf(text, sizeof text, "%.4g above the mean of all ratings, %.4g", 4.5 - mean, mean);
    EXPECT_EQ(named(rows, "mean").detail, text);
    std::snprintf(text, sizeof text, "%.4g below the mean of all ratings, %.4g", mean - 1, mean);
    EXPECT_EQ(named(model.current({{0, 1}}), "mean").detail, text);
    for (std::int32_t user = 0; user < 30; user++) {
        const auto own = model.parts().seen.of(user).size();
        int shorter = 0;
        for (std::int32_t other = 0; other < 30; other++)
            shorter += model.parts().seen.of(other).size() < own;
        EXPECT_EQ(named(model.stored(user), "items").detail, "as stored at the training, more than " +
                                                                 std::to_string(100 * shorter / 30) +
                                                                 " % of the users of the training");
    }
}

TEST(UserProfile, SaysHowPersonalAnswersAre) {
    Asked tags(content()), mf(factors(Feedback::implicit_feedback));
    for (Asked* asked : {&tags, &mf}) {
        Asked& model = *asked;
        for (std::int32_t user = 0; user < 30; user++) {
            const auto rows = of_aspect(model.stored(user), "personal");
            ASSERT_EQ(rows.size(), 3u);
            EXPECT_EQ(rows[0].detail, "by what was stored of them at the training");
            ItemSet seen;
            seen.reset(kItems);
            for (const std::int32_t item : model.parts().seen.of(user)) seen.insert(item);
            std::vector<Scored> answers;
            model.recommender().best_items(model.taste(), &seen, kProfileList, answers);
            double personal = 0, common = 0;
            for (const Scored& answer : answers) {
                personal += model.recommender().is_personal(Taste(), answer);
                for (const Scored& other : most_popular(model.parts(), &seen, kProfileList, nullptr))
                    common += other.index == answer.index;
            }
            EXPECT_NEAR(*rows[1].value, personal / 10, 1e-6);
            EXPECT_NEAR(*rows[2].value, common / 10, 1e-6);
        }
    }
}

TEST(UserProfile, NothingIsKnown) {
    Asked model(content());
    const auto details = [](const std::vector<ProfileRow>& rows) {
        std::vector<std::string> result;
        for (const ProfileRow& row : rows) result.push_back(row.detail);
        return result;
    };
    const std::vector<std::string> common{
        "0 of 10 answers are there by their taste",
        "10 of 10 answers are among the most popular items that they have not seen"};
    EXPECT_EQ(
        details(model.current({}, false)),
        (std::vector<std::string>{"no history", "", "nothing is known of this user: they get what is popular",
                                  common[0], common[1]}));
    EXPECT_EQ(details(model.current({}, true)), details(model.current({}, false)));
    const auto unknown = model.current({{400, 5}, {0, std::numeric_limits<float>::quiet_NaN()}}, false);
    EXPECT_EQ(named(unknown, "ratings").value, 1);
    EXPECT_EQ(named(unknown, "ratings").detail, "1 of them of items that the model does not know");
    const auto disliking = model.current({{0, 1}}, false);
    EXPECT_EQ(named(disliking, "answers").detail, "what they rated tells no taste: they get what is popular");
    EXPECT_EQ(named(disliking, "share personal").value, 0);
    EXPECT_EQ(named(model.current({{0, 5}}, false), "answers").detail,
              "by their ratings as they are now; new since the training");
    std::vector<Row> all;
    for (std::int32_t item = 0; item < kItems; item++) all.push_back({item, 5});
    EXPECT_EQ(named(model.current(all), "share personal").detail, "no item is left to recommend");
    EXPECT_FALSE(named(model.current(all), "overlap with popular").value);
}

TEST(UserProfile, OfAHybridHasTheTermsOfItsComponent) {
    Asked tags(content({})), both(hybrid(factors(Feedback::implicit_feedback), content({})));
    const std::vector<Row> rows{{0, 5}, {2, 4}, {4, 5}};
    const auto expected = of_aspect(tags.current(rows), "favourite");
    const auto profile = both.current(rows);
    const auto favourites = of_aspect(profile, "favourite");
    ASSERT_FALSE(expected.empty());
    ASSERT_EQ(favourites.size(), expected.size());
    for (std::size_t k = 0; k < expected.size(); k++) {
        EXPECT_EQ(favourites[k].name, expected[k].name);
        EXPECT_EQ(favourites[k].value, expected[k].value);
        EXPECT_EQ(favourites[k].detail, expected[k].detail);
    }
    int mf = 0, content = 0;
    ASSERT_EQ(std::sscanf(named(profile, "share personal").detail.c_str(),
                          "10 of 10 answers are there by their taste: %d personal (mf), %d personal (tags)",
                          &mf, &content),
              2);
    EXPECT_EQ(mf + content, 10);
    EXPECT_TRUE(of_aspect(both.current({}), "favourite").empty());
}

}  // namespace
}  // namespace personalize::core
