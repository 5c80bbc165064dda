#include "core/factorization/aligned_floats.hpp"

#include <algorithm>
#include <new>

namespace personalize::core {

void FreeFloats::operator()(float* p) const noexcept { ::operator delete[](p, std::align_val_t{64}); }

AlignedFloats aligned_floats(std::size_t count) {
    AlignedFloats floats(static_cast<float*>(::operator new[](count * sizeof(float), std::align_val_t{64})));
    std::fill_n(floats.get(), count, 0.0f);
    return floats;
}

}  // namespace personalize::core
