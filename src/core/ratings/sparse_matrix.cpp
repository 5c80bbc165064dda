#include "core/ratings/sparse_matrix.hpp"

namespace personalize::core {

std::size_t sparse_matrix_memory(std::int64_t rows, std::int64_t nonzeros) noexcept {
    return static_cast<std::size_t>(rows + 1) * sizeof(std::int64_t) +
           static_cast<std::size_t>(nonzeros) * (sizeof(std::int32_t) + sizeof(float));
}

}  // namespace personalize::core
