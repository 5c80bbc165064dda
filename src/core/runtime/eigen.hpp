// The only file that includes Eigen: its assertions throw instead of ending the process, and it starts no
// threads.
#pragma once

#include <stdexcept>

#define EIGEN_DONT_PARALLELIZE
#define eigen_assert(condition) \
    ((condition) ? static_cast<void>(0) : throw std::logic_error("Eigen: " #condition))

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wextra"
#include <Eigen/Dense>
#pragma GCC diagnostic pop
