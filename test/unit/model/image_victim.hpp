// Images of models under attack, and what check_model_image() says of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <utility>

#include "core/model/checksum.hpp"
#include "core/model/image_header.hpp"
#include "core/model/model_image.hpp"
#include "core/ratings/ratings.hpp"
#include "core/runtime/error.hpp"

namespace personalize::core {

inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
inline constexpr float kInfinity = std::numeric_limits<float>::infinity();

inline ModelBytes copy_of(std::span<const std::byte> bytes) {
    ModelBytes copy(bytes.size());
    std::ranges::copy(bytes, copy.data());
    return copy;
}

inline std::string complaint(std::span<const std::byte> image) {
    try {
        check_model_image(image);
    } catch (const CorruptModel& error) {
        return error.what();
    }
    return "";
}

// Five items, rated by eight users who agree, each in a degree of their own.
inline Ratings few_ratings(MemoryBudget& budget) {
    RatingsBuilder builder(IdType::integer, IdType::integer, false, budget);
    for (std::int64_t user = 0; user < 8; user++)
        for (std::int64_t item = 0; item < 5; item++)
            builder.add(Id::of(user), Id::of(item), static_cast<float>(user % 2 == 0 ? 5 : 1 + item % 2));
    QuietHost host;
    return builder.finish(OnDuplicate::mean, host);
}

// An image of another kind of model under attack.
class LaidOutVictim {
  public:
    explicit LaidOutVictim(ModelBytes image) : image_(std::move(image)) {}

    ImageHeader& header() { return *reinterpret_cast<ImageHeader*>(image_.data()); }
    ModelBytes& image() { return image_; }
    template <class T>
    std::span<T> section(Section which) {
        const SectionPlace& place = header().sections[which];
        return {reinterpret_cast<T*>(image_.data() + place.offset), place.size / sizeof(T)};
    }
    void mend_checksums() {
        header().content_checksum = checksum(std::span<const std::byte>(image_).subspan(sizeof(ImageHeader)));
        header().header_checksum = header_checksum(header());
    }
    std::string complaint_after(const std::function<void(LaidOutVictim&)>& edit) {
        const ModelBytes whole = copy_of(image_);
        edit(*this);
        mend_checksums();
        const std::string result = complaint(image_);
        std::ranges::copy(whole, image_.data());
        return result;
    }

  private:
    ModelBytes image_;
};

}  // namespace personalize::core
