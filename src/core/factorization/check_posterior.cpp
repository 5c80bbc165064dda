#include <algorithm>
#include <cmath>

#include "core/factorization/rating_posterior.hpp"

namespace personalize::core {

const char* wrong_with_posterior(PosteriorView posterior) noexcept {
    const std::size_t floats = posterior_floats(posterior.rank);
    for (int s = 0; s < posterior.samples; s++) {
        const float* const sample = posterior.parameters + static_cast<std::size_t>(s) * floats;
        if (!std::all_of(sample, sample + floats, [](float x) { return std::isfinite(x); }))
            return "samples have parameters that are not finite";
        bool positive = sample[0] > 0 && sample[1] > 2;
        const float* diagonal = sample + 2 + 2 * posterior.rank;
        for (int i = 0; i < posterior.rank; diagonal += i + 2, i++) positive &= *diagonal > 0;
        if (!positive) return "samples have a noise, a freedom or a precision that is too small";
    }
    return nullptr;
}

}  // namespace personalize::core
