// GCC 12 takes its own AVX-512 intrinsics, as Eigen uses them, for uninitialized reads.
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"

#include "core/factorization/eigenbasis.hpp"

#include <algorithm>
#include <memory>

#include "core/factorization/multiply_rows.hpp"
#include "core/runtime/eigen.hpp"
#include "core/runtime/error.hpp"
#include "core/runtime/parallel.hpp"

namespace personalize::core {

namespace {

constexpr double kProductsPerChunk = 5e7;  // a millisecond or two

std::size_t square(int width) {
    return static_cast<std::size_t>(padded(width)) * static_cast<std::size_t>(padded(width));
}

}  // namespace

std::size_t Eigenbasis::memory(std::int64_t most_rows, int rank) noexcept {
    // In double: the matrix, its vectors and what the solver keeps.
    const std::size_t solver = 3 * square(rank) * sizeof(double);
    return Factors::memory(most_rows, rank) + 2 * square(rank) * sizeof(float) + solver;
}

Eigenbasis::Eigenbasis(std::int64_t most_rows, int rank)
    : rank_(rank),
      stride_(padded(rank)),
      basis_(aligned_floats(square(rank))),
      transposed_(aligned_floats(square(rank))),
      values_(aligned_floats(static_cast<std::size_t>(stride_))),
      rotated_(most_rows, rank) {}

void Eigenbasis::compute(FactorsView factors, const float* base_gram, int threads, Host& host) {
    host.poll();
    decompose(base_gram);
    const std::int64_t batches = (factors.rows + kLanes - 1) / kLanes;
    const auto per_chunk = static_cast<std::int64_t>(1 + kProductsPerChunk / (kLanes * stride_ * stride_));
    parallel_chunks(host, threads, (batches + per_chunk - 1) / per_chunk, [&]() -> ChunkBody {
        const std::shared_ptr<float[]> scratch =
            aligned_floats(static_cast<std::size_t>(2 * kLanes * stride_));
        return [this, factors, batches, per_chunk, scratch](std::int64_t chunk) {
            const std::int64_t end = std::min(batches, (chunk + 1) * per_chunk);
            for (std::int64_t b = chunk * per_chunk; b < end; b++) rotate(factors, b * kLanes, scratch.get());
        };
    });
}

void Eigenbasis::decompose(const float* base_gram) {
    Eigen::MatrixXd gram(rank_, rank_);
    for (int i = 0; i < rank_; i++)
        for (int j = 0; j < rank_; j++) gram(i, j) = base_gram[i * stride_ + j];
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(gram);
    if (solver.info() != Eigen::Success || !solver.eigenvalues().allFinite())
        throw InvalidInput("the factors became infinite",
                           "Raise the regularization, or look for huge ratings.");
    for (int i = 0; i < rank_; i++) {
        values_[i] = std::max(0.0f, static_cast<float>(solver.eigenvalues()[i]));
        for (int j = 0; j < rank_; j++) {
            const auto value = static_cast<float>(solver.eigenvectors()(i, j));
            basis_[i * stride_ + j] = transposed_[j * stride_ + i] = value;
        }
    }
}

void Eigenbasis::rotate(FactorsView factors, std::int64_t first, float* scratch) {
    const std::int64_t count = std::min<std::int64_t>(kLanes, factors.rows - first);
    if (count == kLanes) {
        multiply_rows(factors.row(first), basis_.get(), rank_, stride_, stride_, rotated_.row(first));
        return;
    }
    float* const product = scratch + kLanes * stride_;
    std::copy_n(factors.row(first), count * stride_, scratch);
    multiply_rows(scratch, basis_.get(), rank_, stride_, stride_, product);
    std::copy_n(product, count * stride_, rotated_.row(first));
}

void Eigenbasis::rotate_back(const float* rows, float* out) const {
    multiply_rows(rows, transposed_.get(), rank_, stride_, stride_, out);
}

}  // namespace personalize::core
