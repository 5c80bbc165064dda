#include "core/neighbours/ease.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/neighbours/neighbour_lists.hpp"
#include "core/neighbours/rater_lists.hpp"
#include "core/neighbours/symmetric_inverse.hpp"
#include "core/runtime/error.hpp"
#include "core/runtime/parallel.hpp"

namespace personalize::core::ease {

namespace {

constexpr std::int64_t kRowsPerChunk = 16;

std::int64_t chunks_of(std::int64_t items) { return (items + kRowsPerChunk - 1) / kRowsPerChunk; }

// Calls run(first row, end, scratch) for each chunk of rows, with scratch of its thread.
template <class Scratch, class Run>
void for_each_chunk(std::int64_t items, const Options& options, Host& host, const Scratch& make_scratch,
                    const Run& run) {
    parallel_chunks(host, options.threads, chunks_of(items), [&]() -> ChunkBody {
        return [&run, items, scratch = make_scratch()](std::int64_t chunk) {
            run(chunk * kRowsPerChunk, std::min(items, (chunk + 1) * kRowsPerChunk), *scratch);
        };
    });
}

// G, by places.
void fill(const RaterLists& lists, const Options& options, Host& host, SymmetricMatrix& g) {
    const std::int64_t items = lists.entities();
    const double kept = 1 + static_cast<double>(options.dropout) / (1 - static_cast<double>(options.dropout));
    const auto make_sums = [items] {
        return std::make_shared<std::vector<double>>(static_cast<std::size_t>(items));
    };
    const auto sum_rows = [&](std::int64_t first, std::int64_t end, std::vector<double>& sums) {
        for (std::int64_t p = first; p < end; p++) {
            std::fill_n(sums.begin(), p, 0);
            lists.for_each_pair(p, [&](std::int64_t other, double x, double y) { sums[other] += x * y; });
            float* const row = g.row(p);
            for (std::int64_t k = 0; k < p; k++) row[k] = static_cast<float>(sums[k]);
            row[p] = static_cast<float>(kept * lists.square(p) + options.lambda);
            stop_point();
        }
    };
    for_each_chunk(items, options, host, make_sums, sum_rows);
}

// From -P to the rows of B that are kept.
class Prune {
  public:
    Prune(const RaterLists& lists, const SymmetricMatrix& negative, const Options& options)
        : lists_(lists),
          negative_(negative),
          items_(lists.entities()),
          most_(std::min<std::int64_t>(options.neighbours, std::max<std::int64_t>(0, items_ - 1))),
          count_(static_cast<std::size_t>(items_)) {
        result_.columns_count = items_;
        result_.columns.resize(static_cast<std::size_t>(items_ * most_));
        result_.values.resize(result_.columns.size());
        for (std::int64_t p = 0; p < items_; p++) reciprocal_.push_back(-1 / negative.row(p)[p]);
    }

    struct Scratch {
        explicit Scratch(std::int64_t items)
            : weights(static_cast<std::size_t>(items * kRowsPerChunk)),
              keys(static_cast<std::size_t>(items)) {}
        std::vector<float> weights;  // kRowsPerChunk rows of B, by items
        std::vector<NeighbourKey> keys;
    };
    static std::size_t memory(std::int64_t items, std::int64_t most, int threads) noexcept {
        const std::size_t scratch = kRowsPerChunk * sizeof(float) + sizeof(NeighbourKey);
        return static_cast<std::size_t>(items) *
                   (static_cast<std::size_t>(threads) * scratch + sizeof(float) + sizeof(std::int64_t)) +
               sparse_matrix_memory(items, items * most);
    }

    // Rows of places first ... end.
    void run(std::int64_t first, std::int64_t end, Scratch& scratch) {
        for (std::int64_t p = first; p < end; p++) {
            float* const weights = scratch.weights.data() + (p - first) * items_;
            for (std::int64_t k = 0; k < p; k++)
                weights[lists_.entity(k)] = negative_.row(p)[k] * reciprocal_[k];
        }
        // What is to the right of the diagonal stands below it: the rows of a chunk share its cache lines.
        for (std::int64_t k = first; k < items_; k++) {
            const float* const row = negative_.row(k);
            for (std::int64_t p = first; p < std::min(k, end); p++)
                scratch.weights[(p - first) * items_ + lists_.entity(k)] = row[p] * reciprocal_[k];
        }
        for (std::int64_t p = first; p < end; p++) {
            float* const weights = scratch.weights.data() + (p - first) * items_;
            weights[lists_.entity(p)] = 0;
            keep(lists_.entity(p), weights, scratch.keys);
            stop_point();
        }
    }

    SparseMatrix finish() {
        std::int64_t end = 0;
        for (std::int64_t i = 0; i < items_; i++) {
            const std::int64_t from = i * most_;
            std::copy_n(result_.columns.begin() + from, count_[i], result_.columns.begin() + end);
            std::copy_n(result_.values.begin() + from, count_[i], result_.values.begin() + end);
            result_.start.push_back(end += count_[i]);
        }
        result_.columns.resize(static_cast<std::size_t>(end));
        result_.values.resize(static_cast<std::size_t>(end));
        return std::move(result_);
    }

  private:
    void keep(std::int64_t item, const float* weights, std::vector<NeighbourKey>& keys) {
        std::int64_t count = 0;
        for (std::int64_t i = 0; i < items_; i++)
            if (weights[i] != 0)
                keys[count++] = NeighbourKey(std::abs(weights[i]), static_cast<std::int32_t>(i));
        if (count > most_) {
            std::nth_element(keys.begin(), keys.begin() + most_, keys.begin() + count, std::greater<>());
            count = most_;
        }
        std::sort(keys.begin(), keys.begin() + count,
                  [](NeighbourKey a, NeighbourKey b) { return a.index() < b.index(); });
        for (std::int64_t k = 0; k < count; k++) {
            const std::int32_t other = keys[k].index();
            result_.columns[item * most_ + k] = other;
            result_.values[item * most_ + k] = weights[other];
        }
        count_[item] = count;
    }

    const RaterLists& lists_;
    const SymmetricMatrix& negative_;
    const std::int64_t items_, most_;
    std::vector<float> reciprocal_;  // of P's diagonal
    std::vector<std::int64_t> count_;
    SparseMatrix result_;  // `most_` for each row until finish()
};

void check(const Options& options) {
    if (!(options.lambda > 0 && std::isfinite(options.lambda)))
        throw InvalidInput("lambda is " + std::to_string(options.lambda) + ", it must be positive");
    if (!(options.dropout >= 0 && options.dropout < 1))
        throw InvalidInput("dropout is " + std::to_string(options.dropout) + ", it must be in [0, 1)");
    if (options.neighbours < 1)
        throw InvalidInput("neighbours is " + std::to_string(options.neighbours) + ", it must be at least 1");
}

}  // namespace

std::size_t memory(const SparseMatrix& by_item, const SparseMatrix& by_user,
                   const Options& options) noexcept {
    const std::int64_t items = by_item.rows(), most = std::min<std::int64_t>(options.neighbours, items);
    const int threads = std::max(1, options.threads);
    return RaterLists::memory(by_item, by_user) + SymmetricMatrix::memory(items) +
           std::max(negative_inverse_memory(items, threads), Prune::memory(items, most, threads));
}

SparseMatrix train(const SparseMatrix& by_item, const SparseMatrix& by_user, const Options& options,
                   Host& host) {
    check(options);
    const PairValues values;
    const RaterLists lists(by_item, by_user, values, options.threads, host);
    SymmetricMatrix g(lists.entities());
    fill(lists, options, host, g);
    if (!negative_inverse(g, options.threads, host))
        throw InvalidInput(
            "X'X + lambda I is not positive definite with lambda = " + std::to_string(options.lambda),
            "Raise lambda: it is too small beside the sums of squares of the values.");
    Prune prune(lists, g, options);
    const auto make_scratch = [&] { return std::make_shared<Prune::Scratch>(lists.entities()); };
    for_each_chunk(lists.entities(), options, host, make_scratch,
                   [&](std::int64_t first, std::int64_t end, Prune::Scratch& scratch) {
                       prune.run(first, end, scratch);
                   });
    return prune.finish();
}

}  // namespace personalize::core::ease
