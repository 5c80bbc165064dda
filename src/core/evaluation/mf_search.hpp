// Settings of a matrix factorization to try.
#pragma once

#include <cstdint>

#include "core/model/mf_model.hpp"

namespace personalize::core {

// Which settings are searched; the others are as in `base`, whose settings are completed(). Ranges are around
// those.
struct MfSearchSpace {
    MfOptions base;
    bool factors = true;            // multiples of 16 up to max_factors, uniform in the logarithm
    bool iterations = true;         // kFewest to kMost, likewise
    bool regularization = true;     // that of `base` times or by up to kSpread, likewise
    bool unobserved_weight = true;  // likewise; implicit feedback only
    int max_factors = 128;
    static constexpr int kFewestIterations = 2, kMostIterations = 24;
    static constexpr double kSpread = 16;
};

// The settings of a trial, by its number and the seed alone. Trial 1 has those of `base`.
MfOptions random_settings(const MfSearchSpace& space, std::uint64_t seed, int trial);
// Near to good ones: each searched setting changed by a factor of about two.
MfOptions settings_near(const MfOptions& good, const MfSearchSpace& space, std::uint64_t seed, int trial);

}  // namespace personalize::core
