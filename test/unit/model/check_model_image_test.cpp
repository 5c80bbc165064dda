#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>

#include "core/model/checksum.hpp"
#include "core/model/image_header.hpp"
#include "core/model/model_image.hpp"
#include "core/runtime/error.hpp"
#include "model/image_victim.hpp"
#include "model/sample_model.hpp"

namespace personalize::core {
namespace {

// An image under attack: bytes are changed, and then either left so or given right checksums again.
class Victim {
  public:
    explicit Victim(const SampleShape& shape = {}) : image_(write_model_image(SampleModel(shape).parts())) {}

    std::span<const std::byte> view() const { return image_; }
    std::byte* data() { return image_.data(); }
    std::size_t size() const { return image_.size(); }
    ImageHeader& header() { return *reinterpret_cast<ImageHeader*>(image_.data()); }
    template <class T>
    T* section(Section which) {
        return reinterpret_cast<T*>(image_.data() + header().sections[which].offset);
    }

    void mend_checksums() {
        header().content_checksum = checksum(view().subspan(sizeof(ImageHeader)));
        header().header_checksum = header_checksum(header());
    }

  private:
    ModelBytes image_;
};

// What check_model_image() says of an edited image whose checksums are right.
std::string complaint_after(const std::function<void(Victim&)>& edit, const SampleShape& shape = {}) {
    Victim victim(shape);
    edit(victim);
    victim.mend_checksums();
    return complaint(victim.view());
}

TEST(CheckModelImage, EveryFlippedByteOfTheHeaderIsFound) {
    Victim victim;
    for (std::size_t at = 0; at < sizeof(ImageHeader); at++) {
        for (const int flip : {0x01, 0x80, 0xff}) {
            victim.data()[at] ^= static_cast<std::byte>(flip);
            EXPECT_THROW(open_model_image(victim.view()), CorruptModel) << at;
            EXPECT_THROW(stated_checksum(victim.view()), CorruptModel) << at;
            victim.data()[at] ^= static_cast<std::byte>(flip);
        }
    }
    EXPECT_EQ(complaint(victim.view()), "");
}

TEST(CheckModelImage, EveryFlippedByteOfTheContentsIsFound) {
    Victim victim;
    for (std::size_t at = sizeof(ImageHeader); at < victim.size(); at++) {
        victim.data()[at] ^= std::byte{0x10};
        EXPECT_EQ(complaint(victim.view()), "its checksum is wrong") << at;
        victim.data()[at] ^= std::byte{0x10};
    }
}

TEST(CheckModelImage, TruncatedImagesAreFound) {
    const Victim victim;
    for (std::size_t size = 0; size < victim.size(); size += size < 1024 ? 1 : 61) {
        const ModelBytes part = copy_of(victim.view().first(size));
        EXPECT_THROW(open_model_image(part), CorruptModel) << size;
        EXPECT_THROW(check_model_image(part), CorruptModel) << size;
        EXPECT_THROW(stated_checksum(part), CorruptModel) << size;
    }
}

TEST(CheckModelImage, LongerImagesAreFound) {
    const Victim victim;
    ModelBytes longer(victim.size() + 64);
    std::memset(longer.data(), 0, longer.size());
    std::memcpy(longer.data(), victim.view().data(), victim.size());
    EXPECT_THROW(open_model_image(longer), CorruptModel);
}

TEST(CheckModelImage, SwappedBlocksAreFound) {
    Victim victim;
    constexpr std::size_t kBlock = sizeof(ImageHeader);
    std::swap_ranges(victim.data() + kBlock, victim.data() + 2 * kBlock, victim.data() + 2 * kBlock);
    EXPECT_EQ(complaint(victim.view()), "its checksum is wrong");
    std::swap_ranges(victim.data(), victim.data() + kBlock, victim.data() + kBlock);
    EXPECT_EQ(complaint(victim.view()), "it does not begin as a model does");
}

TEST(CheckModelImage, MisalignedImagesAreRefused) {
    const Victim victim;
    ModelBytes shifted(victim.size() + 64);
    std::memcpy(shifted.data() + 8, victim.view().data(), victim.size());
    EXPECT_THROW(open_model_image(std::span<const std::byte>(shifted).subspan(8, victim.size())),
                 CorruptModel);
}

TEST(CheckModelImage, AnotherVersionIsRefusedWithAHint) {
    Victim victim;
    victim.header().version = 7;
    try {
        open_model_image(victim.view());
        FAIL();
    } catch (const CorruptModel& error) {
        EXPECT_STREQ(error.what(), "its format version is 7, not 6");
        EXPECT_FALSE(error.hint().empty());
    }
}

TEST(CheckModelImage, OptionsOutOfRangeAreFound) {
    const std::function<void(ImageHeader&)> edits[] = {
        [](auto& h) { h.rank = 0; },
        [](auto& h) { h.rank = 1025; },
        [](auto& h) { h.rank = -1; },
        [](auto& h) { h.feedback = 2; },
        [](auto& h) { h.feedback = 1; },
        [](auto& h) { h.weighting = 3; },
        [](auto& h) { h.has_positive_from = 2; },
        [](auto& h) { h.positive_from = kNan; },
        [](auto& h) { h.regularization = 0; },
        [](auto& h) { h.regularization = kNan; },
        [](auto& h) { h.unobserved_weight = 0; },
        [](auto& h) { h.unobserved_weight = kInfinity; },
        [](auto& h) { h.frequency_exponent = 2.1f; },
        [](auto& h) { h.half_life = -1; },
        [](auto& h) { h.newest = kInfinity; },
        [](auto& h) { h.frequency_exponent = kNan; },
        [](auto& h) { h.scale = 0; },
        [](auto& h) { h.scale = kInfinity; },
        [](auto& h) { h.mean = kNan; },
        [](auto& h) { h.lowest = 1; },
        [](auto& h) { h.highest = kNan; },
        [](auto& h) { h.user_id_type = 0; },
        [](auto& h) { h.item_id_type = 4; },
        [](auto& h) { h.header_size = 512; },
        [](auto& h) { h.section_count = 8; },
    };
    for (const auto& edit : edits)
        EXPECT_NE(complaint_after([&](Victim& victim) { edit(victim.header()); }), "") << &edit - edits;
}

TEST(CheckModelImage, CountsAndSectionsThatLeadOutsideAreFound) {
    constexpr std::int64_t kCounts[] = {0,
                                        -1,
                                        19,
                                        21,
                                        kMaxIds,
                                        kMaxIds + 1,
                                        std::numeric_limits<std::int64_t>::max(),
                                        std::numeric_limits<std::int64_t>::min()};
    for (const std::int64_t count : kCounts) {
        EXPECT_NE(complaint_after([&](Victim& v) { v.header().users = count; }), "");
        EXPECT_NE(complaint_after([&](Victim& v) { v.header().items = count; }), "");
    }
    for (std::size_t s = 0; s < kSections; s++) {
        for (const std::uint64_t value :
             {~std::uint64_t{0}, ~std::uint64_t{0} - 63, std::uint64_t{1} << 63, std::uint64_t{64}}) {
            EXPECT_NE(complaint_after([&](Victim& v) { v.header().sections[s].offset = value; }), "");
            EXPECT_NE(complaint_after([&](Victim& v) { v.header().sections[s].size = value; }), "");
            EXPECT_NE(complaint_after([&](Victim& v) { v.header().sections[s].offset += value; }), "");
            EXPECT_NE(complaint_after([&](Victim& v) { v.header().sections[s].size += value; }), "");
        }
    }
    EXPECT_NE(complaint_after([](Victim& v) { v.header().image_size += 64; }), "");
    EXPECT_NE(complaint_after([](Victim& v) { v.header().sections[kSeenItems].size -= 1; }), "");
}

TEST(CheckModelImage, IdsOutOfOrderAreFound) {
    const std::string message = "its users' ids are not in order";
    EXPECT_EQ(complaint_after([](Victim& v) { v.section<std::int64_t>(kUserIds)[3] = 1'000'000; }), message);
    EXPECT_EQ(complaint_after([](Victim& v) {
                  auto* ids = v.section<std::int64_t>(kUserIds);
                  ids[1] = ids[0];
              }),
              message);
    const auto swap_first = [](Victim& v) {
        auto* ids = v.section<char>(kUserIds);
        std::swap_ranges(ids, ids + kUuidBytes, ids + kUuidBytes);
    };
    EXPECT_EQ(complaint_after(swap_first, {.users_type = IdType::uuid}), message);
}

TEST(CheckModelImage, TextOffsetsThatLeadOutsideAreFound) {
    const SampleShape shape{.items_type = IdType::text, .items = 30};
    for (const int k : {0, 1, 15, 30}) {
        for (const std::uint64_t value :
             {~std::uint64_t{0}, std::uint64_t{1} << 40, std::uint64_t{100'000}}) {
            const auto edit = [&](Victim& v) { v.section<std::uint64_t>(kItemIds)[k] = value; };
            EXPECT_EQ(complaint_after(edit, shape),
                      "its items' ids have offsets that do not divide their text");
        }
    }
    const auto edit = [](Victim& v) { v.section<char>(kItemIds)[31 * sizeof(std::uint64_t)] = '\xff'; };
    EXPECT_EQ(complaint_after(edit, shape), "its items' ids are not in order");
}

TEST(CheckModelImage, FactorsThatAreNotFiniteAreFound) {
    for (const float value : {kNan, -kNan, kInfinity, -kInfinity, 1e18f, -1e18f}) {
        for (const int at : {0, 4, 16 * 19}) {
            EXPECT_EQ(complaint_after([&](Victim& v) { v.section<float>(kUserFactors)[at] = value; }),
                      "its users' factors are not finite, or too large");
            EXPECT_EQ(complaint_after([&](Victim& v) { v.section<float>(kItemFactors)[at] = value; }),
                      "its items' factors are not finite, or too large");
        }
    }
}

TEST(CheckModelImage, PaddingAndConstantColumnsAreChecked) {
    EXPECT_EQ(complaint_after([](Victim& v) { v.section<float>(kUserFactors)[5] = 1; }),
              "its users' factors are not padded with zeros");
    const SampleShape shape{.feedback = Feedback::explicit_feedback};
    EXPECT_EQ(complaint_after([](Victim& v) { v.section<float>(kUserFactors)[5] = 2; }, shape),
              "its users' factors lack the column of ones");
    EXPECT_EQ(complaint_after([](Victim& v) { v.section<float>(kItemFactors)[16 + 6] = 0; }, shape),
              "its items' factors lack the column of ones");
    EXPECT_EQ(complaint_after([](Victim& v) { v.section<float>(kItemFactors)[5] = -9; }, shape), "");
}

TEST(CheckModelImage, TheIndexOfItemsIsChecked) {
    const std::string order = "its order of items does not name each of them once";
    for (const std::int32_t item : {-1, 30, std::numeric_limits<std::int32_t>::max()})
        EXPECT_EQ(complaint_after([&](Victim& v) { v.section<std::int32_t>(kItemOrder)[7] = item; }), order);
    EXPECT_EQ(complaint_after([](Victim& v) {
                  v.section<std::int32_t>(kItemOrder)[7] = v.section<std::int32_t>(kItemOrder)[8];
              }),
              order);
    for (const float value : {kNan, kInfinity})
        EXPECT_EQ(complaint_after([&](Victim& v) { v.section<float>(kPanelBounds)[3] = value; }),
                  "its limits of scores are not in order");
    const std::string low = "its limits of scores are too low";
    EXPECT_EQ(complaint_after([](Victim& v) { v.section<float>(kPanelLimits)[0] /= 2; }), low);
    EXPECT_EQ(complaint_after([](Victim& v) { v.section<std::uint8_t>(kItemCodes)[0] ^= 0x40; }), low);
    EXPECT_EQ(complaint_after([](Victim& v) { v.section<float>(kItemFactors)[0] += 1; }), low);
}

TEST(CheckModelImage, GramMatricesThatAreNoneAreFound) {
    EXPECT_EQ(complaint_after([](Victim& v) { v.section<float>(kBaseGram)[1] = kNan; }),
              "its Gram matrix is not finite");
    EXPECT_EQ(complaint_after([](Victim& v) { v.section<float>(kBaseGram)[0] = -1; }),
              "its Gram matrix has a negative diagonal");
    EXPECT_EQ(complaint_after([](Victim& v) { v.section<float>(kBaseGram)[1] = 1e30f; }),
              "its Gram matrix is none");
}

TEST(CheckModelImage, PopularityAndItsOrderAreChecked) {
    const std::string message = "its popularity of items is not a number, or negative";
    for (const float value : {kNan, kInfinity, -1.0f})
        EXPECT_EQ(complaint_after([&](Victim& v) { v.section<float>(kPopularity)[2] = value; }), message);
    for (const std::int32_t item : {-1, 30, std::numeric_limits<std::int32_t>::max()})
        EXPECT_EQ(complaint_after([&](Victim& v) { v.section<std::int32_t>(kPopularOrder)[7] = item; }),
                  "its popular order names an item that does not exist");
    EXPECT_EQ(complaint_after([](Victim& v) {
                  auto* order = v.section<std::int32_t>(kPopularOrder);
                  order[1] = order[0];
              }),
              "its popular order is not by popularity");
}

TEST(CheckModelImage, SeenItemsAreChecked) {
    const SampleShape shape{.seen_in = 2};
    for (const std::int64_t start :
         {std::int64_t{-1}, std::int64_t{1} << 40, std::numeric_limits<std::int64_t>::min()})
        for (const int user : {0, 3, 20})
            EXPECT_EQ(
                complaint_after([&](Victim& v) { v.section<std::int64_t>(kSeenStart)[user] = start; }, shape),
                "its seen items are not divided among its users");
    for (const std::uint8_t gap : {30, 127})
        EXPECT_EQ(complaint_after([&](Victim& v) { v.section<std::uint8_t>(kSeenItems)[0] = gap; }, shape),
                  "its seen items name one that does not exist");
    EXPECT_EQ(complaint_after(
                  [](Victim& v) {
                      const auto end = v.section<std::int64_t>(kSeenStart)[1];
                      v.section<std::uint8_t>(kSeenItems)[end - 1] |= 0x80;
                  },
                  shape),
              "its seen items are cut off");
}

// Random edits with right checksums must be refused or leave a model whose every part can be read.
TEST(CheckModelImage, RandomEditsNeverLeadOutside) {
    Random random(7, 0);
    const SampleShape shapes[] = {{}, {.feedback = Feedback::explicit_feedback, .users_type = IdType::text}};
    for (int round = 0; round < 4'000; round++) {
        Victim victim(shapes[round % 2]);
        const std::size_t range = random.below(2) == 0 ? sizeof(ImageHeader) : victim.size();
        for (std::uint64_t edits = 1 + random.below(3); edits > 0; edits--)
            victim.data()[random.below(range)] = static_cast<std::byte>(random.next());
        victim.mend_checksums();
        if (!complaint(victim.view()).empty()) continue;
        const ModelParts parts = open_model_image(victim.view());
        for (std::int64_t u = 0; u < parts.users.size(); u++)
            ASSERT_EQ(parts.users.find(parts.users.at(u)), u);
        for (std::int64_t i = 0; i < parts.items.size(); i++)
            ASSERT_EQ(parts.items.find(parts.items.at(i)), i);
        const ModelBytes again = write_model_image(parts);
        ASSERT_EQ(again.size(), victim.size());
    }
}

TEST(WriteServableImage, RefusesWhatCouldNotBeServed) {
    const SampleModel sample;
    ModelParts parts = sample.parts();
    EXPECT_EQ(complaint(write_servable_image(parts)), "");
    std::vector<float> popularity(parts.popularity.begin(), parts.popularity.end());
    popularity[0] = kInfinity;
    parts.popularity = popularity;
    EXPECT_THROW(write_servable_image(parts), InvalidInput);
}

}  // namespace
}  // namespace personalize::core
