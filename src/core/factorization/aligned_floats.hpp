// Scratch memory for the kernels.
#pragma once

#include <cstddef>
#include <memory>

namespace personalize::core {

struct FreeFloats {
    void operator()(float* p) const noexcept;
};
using AlignedFloats = std::unique_ptr<float[], FreeFloats>;
AlignedFloats aligned_floats(std::size_t count);  // 64-byte aligned zeros

}  // namespace personalize::core
