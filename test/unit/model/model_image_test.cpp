#include "core/model/model_image.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <tuple>

#include "model/sample_model.hpp"

namespace personalize::core {
namespace {

template <class T>
void expect_equal(std::span<const T> a, std::span<const T> b) {
    EXPECT_TRUE(std::ranges::equal(a, b));
}

void expect_equal(IdView a, IdView b) {
    ASSERT_EQ(a.type(), b.type());
    ASSERT_EQ(a.size(), b.size());
    for (std::int64_t k = 0; k < a.size(); k++) EXPECT_EQ(a.at(k), b.at(k));
}

void expect_equal(FactorsView a, FactorsView b) {
    ASSERT_EQ(std::tuple(a.rows, a.width, a.stride), std::tuple(b.rows, b.width, b.stride));
    EXPECT_TRUE(std::equal(a.data, a.data + a.rows * a.stride, b.data));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(b.data) % 64, 0u);
}

auto options_of(const ModelParts& p) {
    return std::tuple(p.objective.feedback, p.objective.rank, p.objective.regularization,
                      p.objective.unobserved_weight, p.objective.frequency_exponent, p.rule.feedback,
                      p.rule.weighting, p.rule.has_positive_from, p.rule.positive_from, p.rule.scale,
                      p.rule.mean, p.rule.lowest, p.rule.highest);
}

void expect_equal(const ModelParts& a, const ModelParts& b) {
    EXPECT_EQ(options_of(a), options_of(b));
    expect_equal(a.users, b.users);
    expect_equal(a.items, b.items);
    expect_equal(a.user_factors, b.user_factors);
    expect_equal(a.item_factors, b.item_factors);
    expect_equal(a.base_gram, b.base_gram);
    expect_equal(a.popularity, b.popularity);
    expect_equal(a.popular_order, b.popular_order);
    expect_equal(a.seen.start(), b.seen.start());
    expect_equal(a.seen.gaps(), b.seen.gaps());
}

void expect_round_trip(const SampleShape& shape) {
    const SampleModel model(shape);
    const ModelBytes image = write_model_image(model.parts());
    EXPECT_EQ(image.size(), model_image_size(model.parts()));
    EXPECT_EQ(image.size() % 64, 0u);
    ASSERT_NO_THROW(check_model_image(image));
    const ModelParts opened = open_model_image(image);
    expect_equal(model.parts(), opened);
    EXPECT_EQ(std::ssize(opened.item_index.order), opened.items.size());
    EXPECT_EQ(wrong_with_index(opened.item_factors, opened.item_index), nullptr);
}

TEST(ModelImage, RoundTripOfEachFeedbackAndTypeOfIds) {
    for (const auto feedback : {Feedback::implicit_feedback, Feedback::explicit_feedback})
        for (const auto users : {IdType::integer, IdType::uuid, IdType::text})
            for (const auto items : {IdType::integer, IdType::uuid, IdType::text})
                expect_round_trip({.feedback = feedback, .users_type = users, .items_type = items});
}

TEST(ModelImage, RoundTripOfEachWidth) {
    for (const auto feedback : {Feedback::implicit_feedback, Feedback::explicit_feedback})
        for (const int rank : {1, 13, 14, 15, 16, 17, 64, 1024})
            expect_round_trip({.feedback = feedback, .rank = rank});
}

TEST(ModelImage, RoundTripOfTheSmallest) {
    expect_round_trip({.users = 1, .items = 1, .rank = 1, .seen_in = 0});
    expect_round_trip(
        {.feedback = Feedback::explicit_feedback, .users = 1, .items = 1, .rank = 1, .seen_in = 1});
}

TEST(ModelImage, EqualPartsGiveEqualBytes) {
    const SampleModel model, same;
    const ModelBytes a = write_model_image(model.parts()), b = write_model_image(same.parts());
    ASSERT_EQ(a.size(), b.size());
    EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size()), 0);
    EXPECT_EQ(stated_checksum(a), stated_checksum(b));
}

TEST(ModelImage, OpenedImageIsWrittenAsItWas) {
    const SampleModel model;
    const ModelBytes image = write_model_image(model.parts());
    const ModelBytes again = write_model_image(open_model_image(image));
    ASSERT_EQ(image.size(), again.size());
    EXPECT_EQ(std::memcmp(image.data(), again.data(), image.size()), 0);
}

TEST(OrderByPopularity, HighestFirstThenByIndex) {
    EXPECT_EQ(order_by_popularity(std::vector<float>{1, 5, 0, 5, 1}),
              (std::vector<std::int32_t>{1, 3, 0, 4, 2}));
    EXPECT_TRUE(order_by_popularity({}).empty());
}

}  // namespace
}  // namespace personalize::core
