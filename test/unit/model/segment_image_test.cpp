#include <gtest/gtest.h>

#include <cstring>

#include "core/model/checksum.hpp"
#include "core/model/image_header.hpp"
#include "core/model/model_image.hpp"
#include "core/model/recommender.hpp"
#include "core/runtime/error.hpp"
#include "core/segments/segment_model.hpp"

namespace personalize::core {
namespace {

std::vector<std::byte> payload() {
    SegmentModel model;
    model.features = {{.name = "x"}};
    model.space.axes = {{1, 2}};
    model.rows = 3;
    model.sizes = {2, 1};
    model.centroids = {0, 4};
    model.means = {2};
    model.deviations = {1};
    model.segment_means = {1, 4};
    model.bins = {{{2}, {.5, .5}}};
    return write_segment_model(model);
}

ModelParts parts_of(std::span<const std::byte> payload) {
    ModelParts parts;
    parts.kind = ModelKind::segments;
    parts.objective.rank = 0;
    parts.payload = payload;
    return parts;
}

TEST(SegmentImage, HoldsThePayloadAndNothingElse) {
    const auto bytes = payload();
    const ModelBytes image = write_model_image(parts_of(bytes));
    check_model_image(image);
    const ModelParts parts = open_model_image(image);
    EXPECT_EQ(parts.kind, ModelKind::segments);
    EXPECT_EQ(parts.users.size() + parts.items.size(), 0);
    EXPECT_TRUE(std::ranges::equal(parts.payload, bytes));
    EXPECT_EQ(read_segment_model(parts.payload).sizes, (std::vector<std::int64_t>{2, 1}));
    EXPECT_EQ(make_recommender(parts), nullptr);
}

TEST(SegmentImage, RefusesDamage) {
    auto bytes = payload();
    bytes[0] = std::byte{9};
    EXPECT_THROW(check_model_image(write_model_image(parts_of(bytes))), CorruptModel);
    EXPECT_THROW(open_model_image(write_model_image(parts_of({}))), CorruptModel);
    const auto whole = payload();
    for (const std::int64_t users : {1, -1}) {
        ModelBytes image = write_model_image(parts_of(whole));
        ImageHeader header;
        std::memcpy(&header, image.data(), sizeof header);
        header.users = users;
        header.header_checksum = header_checksum(header);
        std::memcpy(image.data(), &header, sizeof header);
        EXPECT_THROW(open_model_image(image), CorruptModel);
    }
}

}  // namespace
}  // namespace personalize::core
