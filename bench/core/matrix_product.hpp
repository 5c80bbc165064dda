// The machine's speed, to compare with: a product of two 1024 x 1024 matrices of floats by Eigen, one thread.
#pragma once

#include <ctime>

namespace personalize::core::bench {

double matrix_product_rate();  // FLOP/s, the best of several

inline double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace personalize::core::bench
