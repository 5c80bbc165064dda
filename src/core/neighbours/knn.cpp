#include "core/neighbours/knn.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "core/neighbours/neighbour_values.hpp"
#include "core/ranking/best.hpp"
#include "core/runtime/parallel.hpp"

namespace personalize::core::knn {

namespace {

constexpr std::int64_t kRowsPerChunk = 8;
constexpr std::size_t kRatersBetweenStops = 64, kRatersAhead = 6;
// Rows with fewer sums to make than a share of all rows note which they touched.
constexpr std::int64_t kShareOfRows = 4;

// Sums over the common raters of one row and every other.
struct Sums {
    std::vector<float> xy, xx, yy, common;  // those that the similarity does not need are empty
};

// By fours: twice as fast.
template <class Body>
void for_each_of(std::span<const std::int32_t> columns, Body body) {
    std::size_t k = 0;
    for (; k + 4 <= columns.size(); k += 4) {
        body(k, columns[k]);
        body(k + 1, columns[k + 1]);
        body(k + 2, columns[k + 2]);
        body(k + 3, columns[k + 3]);
    }
    for (; k < columns.size(); k++) body(k, columns[k]);
}

// One row at a time, on one thread.
class RowWorker {
  public:
    RowWorker(const SparseMatrix& by_row, const SparseMatrix& by_column, const Values& values,
              const Options& options)
        : by_row_(by_row), by_column_(by_column), values_(values), options_(options) {
        const auto rows = static_cast<std::size_t>(by_row.rows());
        sums_.xy.resize(rows);
        if (values.over_common()) {
            sums_.xx.resize(rows);
            sums_.yy.resize(rows);
        }
        if (options.shrinkage > 0) sums_.common.resize(rows);
    }

    void find(std::int64_t row, std::vector<std::int32_t>& columns, std::vector<float>& weights) {
        touched_.clear();
        note_touched_ = sums_of(row) < by_row_.rows() / kShareOfRows;
        add_up(row);
        best_.reset(options_.neighbours, by_row_.rows());
        with_similarity(row, [&](auto similarity_to) {
            if (note_touched_)
                offer_touched(row, similarity_to);
            else
                offer_all(row, similarity_to);
        });
        clear();
        const auto found = best_.finish();
        nearest_.assign(found.begin(), found.end());
        std::sort(nearest_.begin(), nearest_.end(),
                  [](const Scored& a, const Scored& b) { return a.index < b.index; });
        if (options_.similarity == Similarity::rp3beta) normalize();
        for (const Scored& neighbour : nearest_) {
            columns.push_back(neighbour.index);
            weights.push_back(neighbour.score);
        }
    }

  private:
    std::int64_t sums_of(std::int64_t row) const noexcept {
        std::int64_t sums = 0;
        for (const std::int32_t rater : by_row_.row(row).columns)
            sums += by_column_.start[rater + 1] - by_column_.start[rater];
        return sums;
    }

    void add_up(std::int64_t row) {
        const SparseRow raters = by_row_.row(row);
        const auto from = static_cast<std::size_t>(by_row_.start[row]);
        for (std::size_t k = 0; k < raters.size(); k++) {
            if (k % kRatersBetweenStops == 0) stop_point();
            if (k + kRatersAhead < raters.size()) prefetch(raters.columns[k + kRatersAhead]);
            const float value = values_.of_row[from + k];
            if (values_.constant_by_rater)
                add_rater(raters.columns[k], value * value);
            else if (value != 0 || !values_.zero_is_absent)
                add_rater_values(raters.columns[k], value);
        }
    }

    void prefetch(std::int32_t rater) const noexcept {
        constexpr std::int64_t kIdsPerLine = 16;
        for (std::int64_t k = by_column_.start[rater]; k < by_column_.start[rater + 1]; k += kIdsPerLine) {
            __builtin_prefetch(by_column_.columns.data() + k);
            if (!values_.constant_by_rater) __builtin_prefetch(values_.of_column.data() + k);
        }
    }

    // A rater who says the same of all.
    void add_rater(std::int32_t rater, float product) {
        if (product == 0) return;
        const auto rated = by_column_.row(rater).columns;
        if (note_touched_)
            for (const std::int32_t other : rated)
                if (sums_.xy[other] == 0) touched_.push_back(other);
        for_each_of(rated, [xy = sums_.xy.data(), product](std::size_t, std::int32_t other) {
            xy[other] += product;
        });
        if (!sums_.common.empty()) count(rated);
    }

    void add_rater_values(std::int32_t rater, float value) {
        const auto from = static_cast<std::size_t>(by_column_.start[rater]);
        const auto rated = by_column_.row(rater).columns;
        const float* const values = values_.of_column.data() + from;
        if (note_touched_)
            for (const std::int32_t other : rated)
                if (sums_.xy[other] == 0) touched_.push_back(other);
        for_each_of(rated, [xy = sums_.xy.data(), value, values](std::size_t k, std::int32_t other) {
            xy[other] += value * values[k];
        });
        if (values_.over_common())
            for_each_of(rated, [xx = sums_.xx.data(), yy = sums_.yy.data(), value, values](
                                   std::size_t k, std::int32_t other) {
                xx[other] += value * value;
                yy[other] += values[k] * values[k];
            });
        if (sums_.common.empty()) return;
        if (values_.zero_is_absent)
            for (std::size_t k = 0; k < rated.size(); k++) sums_.common[rated[k]] += values[k] != 0;
        else
            count(rated);
    }

    void count(std::span<const std::int32_t> rated) {
        for_each_of(rated,
                    [common = sums_.common.data()](std::size_t, std::int32_t other) { common[other]++; });
    }

    // Calls use(similarity), a function of the other row, for what is to be computed.
    template <class Use>
    void with_similarity(std::int64_t row, Use use) const {
        const float *const xy = sums_.xy.data(), *const xx = sums_.xx.data(), *const yy = sums_.yy.data();
        if (values_.over_common())
            return use([=](std::int64_t other) {
                const float square = xx[other] * yy[other];
                return square > 0 ? std::min(1.f, xy[other] / std::sqrt(square)) : 0;
            });
        if (options_.similarity == Similarity::jaccard)
            return use([=, size = values_.size.data(), of_row = values_.size[row]](std::int64_t other) {
                return xy[other] / std::max(1.f, of_row + size[other] - xy[other]);
            });
        use([=, factor = values_.factor.data(), of_row = values_.factor[row]](std::int64_t other) {
            return xy[other] * of_row * factor[other];
        });
    }

    float shrunk(std::int64_t other, float similarity) const noexcept {
        if (sums_.common.empty()) return similarity;
        return similarity * sums_.common[other] / (sums_.common[other] + options_.shrinkage);
    }

    // Most of a block are less similar than the k-th, shrunk or not, and need no closer look.
    template <class SimilarityTo>
    void offer_all(std::int64_t row, SimilarityTo similarity_to) {
        constexpr std::int64_t kBlock = 64;
        const std::int64_t rows = by_row_.rows();
        for (std::int64_t first = 0; first < rows; first += kBlock) {
            const std::int64_t count = std::min(kBlock, rows - first);
            float similarity[kBlock], most = 0;
            for (std::int64_t k = 0; k < count; k++) similarity[k] = similarity_to(first + k);
            for (std::int64_t k = 0; k < count; k++) most = std::max(most, similarity[k]);
            if (most < best_.threshold() || most == 0) continue;
            for (std::int64_t k = 0; k < count; k++) offer(row, first + k, similarity[k]);
        }
    }

    template <class SimilarityTo>
    void offer_touched(std::int64_t row, SimilarityTo similarity_to) {
        for (const std::int32_t other : touched_) {
            offer(row, other, similarity_to(other));
            sums_.xy[other] = 0;  // nothing is left for those that were noted twice
        }
    }

    void offer(std::int64_t row, std::int64_t other, float similarity) {
        if (similarity > 0 && other != row)
            best_.offer(static_cast<std::int32_t>(other), shrunk(other, similarity));
    }

    void clear() {
        for (std::vector<float>* sums : {&sums_.xy, &sums_.xx, &sums_.yy, &sums_.common}) {
            if (sums->empty()) continue;
            if (note_touched_)
                for (const std::int32_t other : touched_) (*sums)[other] = 0;
            else
                std::fill(sums->begin(), sums->end(), 0.f);
        }
    }

    void normalize() {
        double sum = 0;
        for (const Scored& neighbour : nearest_) sum += neighbour.score;
        for (Scored& neighbour : nearest_) neighbour.score = static_cast<float>(neighbour.score / sum);
    }

    const SparseMatrix &by_row_, &by_column_;
    const Values& values_;
    const Options& options_;
    Sums sums_;
    bool note_touched_ = false;
    std::vector<std::int32_t> touched_;
    Best best_;
    std::vector<Scored> nearest_;
};

// The neighbours of the rows of a chunk, one row behind the other.
struct Part {
    std::vector<std::int32_t> columns;
    std::vector<float> weights;
    std::int64_t size[kRowsPerChunk] = {};
};

SparseMatrix join(std::vector<Part>& parts, std::int64_t rows) {
    SparseMatrix result;
    result.columns_count = rows;
    std::size_t count = 0;
    for (const Part& part : parts) count += part.columns.size();
    result.columns.reserve(count);
    result.values.reserve(count);
    for (Part& part : parts) {
        result.columns.insert(result.columns.end(), part.columns.begin(), part.columns.end());
        result.values.insert(result.values.end(), part.weights.begin(), part.weights.end());
        for (const std::int64_t size : part.size)
            if (std::ssize(result.start) <= rows) result.start.push_back(result.start.back() + size);
        part = Part();
    }
    return result;
}

}  // namespace

SparseMatrix train(const SparseMatrix& by_row, const SparseMatrix& by_column, const Options& options,
                   Host& host) {
    const Values values = prepare_values(by_row, by_column, options, host);
    const std::int64_t rows = by_row.rows(), chunks = (rows + kRowsPerChunk - 1) / kRowsPerChunk;
    std::vector<Part> parts(static_cast<std::size_t>(chunks));
    parallel_chunks(host, options.threads, chunks, [&]() -> ChunkBody {
        const auto worker = std::make_shared<RowWorker>(by_row, by_column, values, options);
        return [&, worker](std::int64_t chunk) {
            Part& part = parts[static_cast<std::size_t>(chunk)];
            const std::int64_t first = chunk * kRowsPerChunk, last = std::min(rows, first + kRowsPerChunk);
            for (std::int64_t row = first; row < last; row++) {
                const auto before = std::ssize(part.columns);
                worker->find(row, part.columns, part.weights);
                part.size[row - first] = std::ssize(part.columns) - before;
                stop_point();
            }
        };
    });
    return join(parts, rows);
}

std::size_t memory(std::int64_t rows, std::int64_t raters, std::int64_t nonzeros,
                   const Options& options) noexcept {
    const auto count = [](std::int64_t n) { return static_cast<std::size_t>(n); };
    const std::size_t of_a_row =
        count(std::min<std::int64_t>(options.neighbours, rows)) * (sizeof(std::int32_t) + sizeof(float));
    constexpr std::size_t kOfAnotherRow = 5 * sizeof(float);  // sums and what was touched, for each thread
    return 3 * count(rows) * of_a_row + count(options.threads) * count(rows) * kOfAnotherRow +
           2 * count(nonzeros) * sizeof(float) + count(rows + raters) * 3 * sizeof(float);
}

}  // namespace personalize::core::knn
