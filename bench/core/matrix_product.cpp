// GCC 12 takes its own AVX-512 intrinsics, as Eigen uses them, for uninitialized reads.
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"

#include "matrix_product.hpp"

#include <algorithm>

#include "core/runtime/eigen.hpp"

namespace personalize::core::bench {

double matrix_product_rate() {
    constexpr int kSize = 1024;
    const Eigen::MatrixXf a = Eigen::MatrixXf::Random(kSize, kSize),
                          b = Eigen::MatrixXf::Random(kSize, kSize);
    Eigen::MatrixXf product(kSize, kSize);
    double best = 1e9;
    for (int k = 0; k < 8; k++) {
        const double began = cpu_seconds();
        product.noalias() = a * b;
        best = std::min(best, cpu_seconds() - began);
    }
    return 2.0 * kSize * kSize * kSize / best;
}

}  // namespace personalize::core::bench
