#include "core/neighbours/knn.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "core/neighbours/entry_values.hpp"
#include "core/neighbours/neighbour_lists.hpp"
#include "core/neighbours/rater_lists.hpp"
#include "core/runtime/error.hpp"
#include "core/runtime/parallel.hpp"

namespace personalize::core::knn {

namespace {

// What is summed for a pair.
struct Products {
    double xy = 0;
    void add(double x, double y) noexcept { xy += x * y; }
};
struct CountedProducts {
    double xy = 0, n = 0;
    void add(double x, double y) noexcept {
        xy += x * y;
        n += 1;
    }
};
struct DeviationSums {
    double xy = 0, n = 0, xx = 0, yy = 0;
    void add(double x, double y) noexcept {
        xy += x * y;
        n += 1;
        xx += x * x;
        yy += y * y;
    }
};

// From the sums of a pair to its weight.
class Weigh {
  public:
    Weigh(const RaterLists& lists, const Options& options)
        : ratio_(over_common_raters(options.similarity) || options.similarity == Similarity::jaccard),
          shrinkage_(options.shrinkage) {
        for (std::int64_t p = 0; p < lists.entities(); p++) {
            const auto raters = static_cast<double>(lists.raters(p));
            const auto damped = [&](double power) { return raters > 0 ? std::pow(raters, -power) : 0; };
            const double square = lists.square(p);
            double as_row = 1, as_other = 1;
            switch (options.similarity) {
                case Similarity::cosine:
                    as_row = as_other = square > 0 ? 1 / std::sqrt(square) : 0;
                    break;
                case Similarity::jaccard:
                    as_row = square;
                    break;
                case Similarity::rp3beta:
                    as_row = damped(options.alpha);
                    as_other = damped(options.beta);
                    break;
                default:
                    break;
            }
            as_row_.push_back(as_row);
            as_other_.push_back(as_other);
        }
    }

    // Of `other` in the row of `row`.
    template <class Sums>
    float operator()(std::int64_t row, std::int64_t other, const Sums& sums) const noexcept {
        double weight = sums.xy;
        if constexpr (std::is_same_v<Sums, DeviationSums>)
            weight = sums.xx > 0 && sums.yy > 0 ? weight / std::sqrt(sums.xx * sums.yy) : 0;
        else if (ratio_)
            weight /= as_row_[row] + as_row_[other] - weight;
        else
            weight *= as_row_[row] * as_other_[other];
        if constexpr (!std::is_same_v<Sums, Products>) weight *= sums.n / (sums.n + shrinkage_);
        return static_cast<float>(weight);
    }

    // Whether the weight is a multiple of the sum of products: at most sums.xy as_row[row] as_other[other].
    bool scaled() const noexcept { return !ratio_; }
    const double* as_row() const noexcept { return as_row_.data(); }
    const double* as_other() const noexcept { return as_other_.data(); }

    static std::size_t memory(std::int64_t entities) noexcept {
        return static_cast<std::size_t>(entities) * 2 * sizeof(double);
    }

  private:
    const bool ratio_;
    const double shrinkage_;
    std::vector<double> as_row_, as_other_;  // of each place; jaccard: the sum of squares in the first
};

// Each pair of entities is summed once, with the one of more raters as the other, and offered to both.
template <class Sums>
class PairScan {
  public:
    PairScan(const RaterLists& lists, const Weigh& weigh, NeighbourLists& best)
        : lists_(lists), weigh_(weigh), best_(best) {}

    // `sums`: of each place, all zero; so they are again afterwards.
    void scan(std::int64_t place, Sums* sums) const {
        const std::int64_t pairs = lists_.for_each_pair(
            place, [sums](std::int64_t other, double x, double y) { sums[other].add(x, y); });
        // Of few pairs most sums are zero: those that are not are found by the way they were made.
        if (pairs < place / kSumsPerPair) {
            lists_.for_each_pair(place, [&](std::int64_t other, double, double) {
                offer(place, other, sums[other]);
                sums[other] = {};
            });
            return;
        }
        if (weigh_.scaled())
            offer_scaled(place, sums);
        else
            for (std::int64_t other = 0; other < place; other++) offer(place, other, sums[other]);
        std::fill_n(sums, place, Sums{});
    }

  private:
    static constexpr std::int64_t kSumsPerPair = 2;

    // Most weights are too low for both lists, which a product tells.
    void offer_scaled(std::int64_t place, const Sums* sums) const {
        constexpr double kRounding = 1 + 1e-6;
        const double* const as_row = weigh_.as_row();
        const double* const as_other = weigh_.as_other();
        const double row = as_row[place] * kRounding, neighbour = as_other[place] * kRounding;
        for (std::int64_t other = 0; other < place; other++) {
            const double sum = sums[other].xy;
            if (sum * row * as_other[other] < best_.threshold(place) &&
                sum * neighbour * as_row[other] < best_.threshold(other))
                continue;
            offer(place, other, sums[other]);
        }
    }

    void offer(std::int64_t place, std::int64_t other, const Sums& sums) const {
        if (!(sums.xy > 0)) return;
        const float for_place = weigh_(place, other, sums), for_other = weigh_(other, place, sums);
        if (for_place >= best_.threshold(place)) best_.offer(place, for_place, lists_.entity(other));
        if (for_other >= best_.threshold(other)) best_.offer(other, for_other, lists_.entity(place));
    }

    const RaterLists& lists_;
    const Weigh& weigh_;
    NeighbourLists& best_;
};

constexpr std::int64_t kPlacesPerChunk = 16;

template <class Sums>
void scan_all(const RaterLists& lists, const Weigh& weigh, const Options& options, Host& host,
              NeighbourLists& best) {
    const std::int64_t places = lists.entities();
    const PairScan<Sums> scan(lists, weigh, best);
    const std::int64_t chunks = (places + kPlacesPerChunk - 1) / kPlacesPerChunk;
    parallel_chunks(host, options.threads, chunks, [&]() -> ChunkBody {
        const auto sums = std::make_shared<std::vector<Sums>>(static_cast<std::size_t>(places));
        return [&scan, sums, places](std::int64_t chunk) {
            const std::int64_t end = std::min(places, (chunk + 1) * kPlacesPerChunk);
            for (std::int64_t p = chunk * kPlacesPerChunk; p < end; p++) {
                scan.scan(p, sums->data());
                stop_point();
            }
        };
    });
}

std::size_t sums_memory(std::int64_t entities, const Options& options) noexcept {
    const std::size_t each = over_common_raters(options.similarity) ? sizeof(DeviationSums)
                             : options.shrinkage > 0                ? sizeof(CountedProducts)
                                                                    : sizeof(Products);
    return static_cast<std::size_t>(entities) * each * static_cast<std::size_t>(std::max(1, options.threads));
}

// Most neighbours of an entity: `neighbours` of them, and not more than its raters have others.
std::int32_t room_of(std::int64_t entity, const SparseMatrix& by_row, const SparseMatrix& by_column,
                     const Options& options) noexcept {
    const std::int64_t most = std::min<std::int64_t>(options.neighbours, by_row.rows() - 1);
    std::int64_t room = 0;
    for (const std::int32_t u : by_row.row(entity).columns) {
        if (room >= most) break;
        room += by_column.start[u + 1] - by_column.start[u] - 1;
    }
    return static_cast<std::int32_t>(std::min(room, most));
}

SparseMatrix gather(const RaterLists& lists, NeighbourLists& best, const Options& options, Host& host) {
    SparseMatrix result;
    result.columns_count = lists.entities();
    result.start.assign(static_cast<std::size_t>(lists.entities()) + 1, 0);
    for (std::int64_t p = 0; p < lists.entities(); p++) result.start[lists.entity(p) + 1] = best.count(p);
    for (std::int64_t i = 0; i < lists.entities(); i++) result.start[i + 1] += result.start[i];
    result.columns.resize(static_cast<std::size_t>(result.nonzeros()));
    result.values.resize(static_cast<std::size_t>(result.nonzeros()));
    const bool share = options.similarity == Similarity::rp3beta;
    const std::int64_t chunks = (lists.entities() + kPlacesPerChunk - 1) / kPlacesPerChunk;
    parallel_chunks(host, options.threads, chunks, [&]() -> ChunkBody {
        return [&, share](std::int64_t chunk) {
            const std::int64_t end = std::min(lists.entities(), (chunk + 1) * kPlacesPerChunk);
            for (std::int64_t p = chunk * kPlacesPerChunk; p < end; p++) {
                const NeighbourKey* const keys = best.sort_by_index(p);
                const std::int64_t to = result.start[lists.entity(p)];
                double sum = 0;
                for (std::int32_t k = 0; k < best.count(p); k++) sum += keys[k].weight();
                for (std::int32_t k = 0; k < best.count(p); k++) {
                    result.columns[to + k] = keys[k].index();
                    result.values[to + k] =
                        share ? static_cast<float>(keys[k].weight() / sum) : keys[k].weight();
                }
                stop_point();
            }
        };
    });
    return result;
}

}  // namespace

void check(const Options& options) {
    const auto at_least_zero = [](float value, const char* name) {
        if (value >= 0 && std::isfinite(value)) return;
        throw InvalidInput(std::string(name) + " is " + std::to_string(value) +
                           ", it must be zero or positive");
    };
    if (options.neighbours < 1)
        throw InvalidInput("neighbours is " + std::to_string(options.neighbours) + ", it must be at least 1");
    at_least_zero(options.shrinkage, "shrinkage");
    at_least_zero(options.alpha, "alpha");
    at_least_zero(options.beta, "beta");
    if (options.similarity == Similarity::rp3beta && options.user_weighting != UserWeighting::none)
        throw InvalidInput("rp3beta does not take a weighting of users",
                           "Its alpha is one: leave the weighting out.");
}

std::size_t memory(const SparseMatrix& by_row, const SparseMatrix& by_column,
                   const Options& options) noexcept {
    std::int64_t neighbours = 0;
    for (std::int64_t i = 0; i < by_row.rows(); i++) neighbours += room_of(i, by_row, by_column, options);
    return entry_values_memory(by_row, by_column) + RaterLists::memory(by_row, by_column) +
           Weigh::memory(by_row.rows()) + NeighbourLists::memory(by_row.rows(), neighbours) +
           sums_memory(by_row.rows(), options) + sparse_matrix_memory(by_row.rows(), neighbours);
}

SparseMatrix train(const SparseMatrix& by_row, const SparseMatrix& by_column, const Options& options,
                   Host& host) {
    check(options);
    const PairValues values = entry_values(by_row, by_column, options);
    host.poll();
    const RaterLists lists(by_row, by_column, values, options.threads, host);
    const Weigh weigh(lists, options);
    NeighbourLists best(lists.entities(), [&](std::int64_t place) {
        return room_of(lists.entity(place), by_row, by_column, options);
    });
    if (over_common_raters(options.similarity))
        scan_all<DeviationSums>(lists, weigh, options, host, best);
    else if (options.shrinkage > 0)
        scan_all<CountedProducts>(lists, weigh, options, host, best);
    else
        scan_all<Products>(lists, weigh, options, host, best);
    return gather(lists, best, options, host);
}

}  // namespace personalize::core::knn
