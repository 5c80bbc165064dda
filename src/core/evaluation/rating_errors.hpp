// Root mean squared error and mean absolute error of predicted ratings, over rows seen one at a time, in
// parts that may be combined.
#pragma once

#include <optional>

namespace personalize::core {

// |error|^kPower summed over rows, as scale^kPower * sum with a scale near the largest error, so that large
// and tiny errors neither overflow nor vanish: the idea of LAPACK's dlassq (Blue, A portable Fortran program
// to find the Euclidean norm of a vector, TOMS 1978). The scale is a power of two, so that it rounds nothing
// and parts combine to what one pass has, up to the order of summation.
template <int kPower>
struct ErrorSums {
    double count = 0;
    double scale = 0;  // 0 before the first error that is finite and not 0
    double sum = 0;

    void add(double predicted, double actual) noexcept;
    void combine(const ErrorSums& other) noexcept;
    // (scale^kPower * sum / count)^(1 / kPower). None without rows; NaN if an error was NaN (a NaN, or two
    // infinities of the same sign), else infinite if one was infinite.
    std::optional<double> mean() const noexcept;

  private:
    void raise_scale(double to) noexcept;
};

using SquaredErrors = ErrorSums<2>;   // mean() is the RMSE
using AbsoluteErrors = ErrorSums<1>;  // mean() is the MAE

}  // namespace personalize::core
