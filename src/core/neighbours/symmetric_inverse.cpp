// GCC 12 takes its own AVX-512 intrinsics, as Eigen uses them, for uninitialized reads.
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"

#include "core/neighbours/symmetric_inverse.hpp"

#include <algorithm>
#include <vector>

#include "core/runtime/eigen.hpp"
#include "core/runtime/parallel.hpp"

namespace personalize::core {

namespace {

using Block = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using BlockView = Eigen::Map<Block, Eigen::Unaligned, Eigen::OuterStride<>>;

// With C the columns of a block and P the inverse of its part on the diagonal, a sweep makes C P of the
// columns, -P of that part, and takes C P C^T from all else. Sweeping every block gives -A^-1.
class Sweep {
  public:
    Sweep(SymmetricMatrix& a, int threads, Host& host)
        : a_(a),
          threads_(threads),
          host_(host),
          blocks_((a.order() + kSweepWidth - 1) / kSweepWidth),
          columns_(static_cast<std::size_t>(a.order() * kSweepWidth)),
          products_(columns_.size()) {
        for (std::int64_t r = 0; r < a.order(); r++) diagonal_.push_back(a.row(r)[r]);
    }

    std::int64_t blocks() const noexcept { return blocks_; }

    bool run(std::int64_t block) {
        host_.poll();
        if (!invert(block)) return false;
        parallel_chunks(host_, threads_, blocks_, [&]() -> ChunkBody {
            return [this, block](std::int64_t b) {
                if (b != block) take_columns(b, block);
            };
        });
        // Tiles on and below the diagonal, row by row.
        parallel_chunks(host_, threads_, blocks_ * (blocks_ + 1) / 2, [&]() -> ChunkBody {
            return [this, block](std::int64_t tile) {
                std::int64_t row = 0;
                while (tile > row) tile -= ++row;
                update(row, tile, block);
            };
        });
        return true;
    }

  private:
    static std::int64_t start(std::int64_t block) noexcept { return block * kSweepWidth; }
    std::int64_t width(std::int64_t block) const noexcept {
        return std::min(kSweepWidth, a_.order() - start(block));
    }
    BlockView tile(std::int64_t row, std::int64_t column) noexcept {
        return {a_.row(start(row)) + start(column), width(row), width(column),
                Eigen::OuterStride<>(a_.stride())};
    }
    BlockView panel(BulkVector<float>& panel, std::int64_t row, std::int64_t block) const noexcept {
        return {panel.data() + start(row) * kSweepWidth, width(row), width(block),
                Eigen::OuterStride<>(kSweepWidth)};
    }

    // What is below this share of the diagonal is rounding, not a pivot.
    static constexpr double kSmallestPivot = 1e-6;

    bool invert(std::int64_t block) {
        const Eigen::LLT<Eigen::MatrixXd> factor(tile(block, block).cast<double>());
        if (factor.info() != Eigen::Success) return false;
        for (std::int64_t r = 0; r < width(block); r++) {
            const double root = factor.matrixLLT()(r, r);
            if (!(root * root > kSmallestPivot * diagonal_[start(block) + r])) return false;
        }
        inverse_ = factor.solve(Eigen::MatrixXd::Identity(width(block), width(block))).cast<float>();
        return true;
    }

    void take_columns(std::int64_t row, std::int64_t block) {
        BlockView columns = panel(columns_, row, block);
        if (row > block)
            columns = tile(row, block);
        else
            columns = tile(block, row).transpose();
        panel(products_, row, block).noalias() = columns * inverse_;
    }

    void update(std::int64_t row, std::int64_t column, std::int64_t block) {
        BlockView to = tile(row, column);
        if (row == block && column == block)
            to = -inverse_;
        else if (column == block)
            to = panel(products_, row, block);
        else if (row == block)
            to = panel(products_, column, block).transpose();
        else
            to.noalias() -= panel(products_, row, block) * panel(columns_, column, block).transpose();
    }

    SymmetricMatrix& a_;
    const int threads_;
    Host& host_;
    const std::int64_t blocks_;
    BulkVector<float> columns_, products_;  // C and C P, kSweepWidth a row
    std::vector<float> diagonal_;           // of A as given
    Block inverse_;
};

}  // namespace

bool negative_inverse(SymmetricMatrix& a, int threads, Host& host) {
    Sweep sweep(a, threads, host);
    for (std::int64_t block = 0; block < sweep.blocks(); block++)
        if (!sweep.run(block)) return false;
    return true;
}

}  // namespace personalize::core
