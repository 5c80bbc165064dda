#include "core/factorization/sgd.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <string>
#include <utility>

#include "core/factorization/draw_factors.hpp"
#include "core/factorization/row_solver.hpp"
#include "core/runtime/error.hpp"
#include "core/runtime/parallel.hpp"
#include "core/runtime/poll_counter.hpp"
#include "core/runtime/random.hpp"
#include "core/runtime/vectors.hpp"

namespace personalize::core::sgd {

namespace {

constexpr int kGrid = 32;                      // blocks per side: threads that can work at once
constexpr std::size_t kRatingsPerStop = 4096;  // between stop points
constexpr std::size_t kPrefetchRatings = 6;    // memory is asked for this many ahead

struct Rating {
    std::int32_t user, item;
    float value;
};

void check(const Options& options) {
    const Objective& objective = options.objective;
    if (objective.rank < kMinRank || objective.rank > kMaxRank)
        throw InvalidInput("rank must be from " + std::to_string(kMinRank) + " to " +
                           std::to_string(kMaxRank) + ", not " + std::to_string(objective.rank));
    if (!objective.has_biases()) throw InvalidInput("gradient descent fits explicit ratings only");
    if (!(objective.regularization > 0) || !std::isfinite(objective.regularization))
        throw InvalidInput("regularization must be a positive number");
    if (!(options.learning_rate > 0) || !std::isfinite(options.learning_rate))
        throw InvalidInput("learning_rate must be a positive number");
    if (options.iterations < 1) throw InvalidInput("iterations must be at least 1");
    if (options.threads < 1) throw InvalidInput("threads must be at least 1");
}

// Which of kGrid groups each of `count` users or items is in: drawn from the seed, so that the groups
// are alike in size and in ratings.
std::vector<std::uint8_t> draw_groups(std::int64_t count, std::uint64_t seed) {
    std::vector<std::uint8_t> groups(static_cast<std::size_t>(count));
    Random random(seed, 0);
    for (auto& group : groups) group = static_cast<std::uint8_t>(random.below(kGrid));
    return groups;
}

// All ratings, block by block of a kGrid x kGrid grid, shuffled within each block.
class Grid {
  public:
    Grid(const SparseMatrix& by_user, std::uint64_t seed, int threads, Host& host)
        : start_(kGrid * kGrid + 1),
          user_counts_(static_cast<std::size_t>(by_user.rows())),
          item_counts_(static_cast<std::size_t>(by_user.columns_count)) {
        const auto user_group = draw_groups(by_user.rows(), mix64(seed) ^ 1);
        const auto item_group = draw_groups(by_user.columns_count, mix64(seed) ^ 2);
        const auto block_of = [&](std::int64_t user, std::int32_t item) {
            return user_group[user] * kGrid + item_group[item];
        };
        PollCounter progress(host);
        for_each(by_user, progress, [&](const Rating& r) {
            start_[block_of(r.user, r.item) + 1]++;
            user_counts_[r.user]++;
            item_counts_[r.item]++;
        });
        std::partial_sum(start_.begin(), start_.end(), start_.begin());
        ratings_.resize(static_cast<std::size_t>(by_user.nonzeros()));
        auto next = start_;
        for_each(by_user, progress, [&](const Rating& r) { ratings_[next[block_of(r.user, r.item)]++] = r; });
        parallel_chunks(host, threads, kGrid * kGrid, [&]() -> ChunkBody {
            return [&](std::int64_t b) {
                shuffle(block(static_cast<int>(b)), Random(seed, static_cast<std::uint64_t>(b)));
            };
        });
    }

    // Ratings of each.
    const std::vector<std::int32_t>& user_counts() const noexcept { return user_counts_; }
    const std::vector<std::int32_t>& item_counts() const noexcept { return item_counts_; }

    std::span<Rating> block(int b) {
        return {ratings_.data() + start_[b], static_cast<std::size_t>(start_[b + 1] - start_[b])};
    }

  private:
    template <class F>
    static void for_each(const SparseMatrix& by_user, PollCounter& progress, F&& f) {
        for (std::int64_t u = 0; u < by_user.rows(); u++) {
            const SparseRow row = by_user.row(u);
            for (std::size_t k = 0; k < row.size(); k++)
                f(Rating{static_cast<std::int32_t>(u), row.columns[k], row.values[k]});
            progress.count(static_cast<std::int64_t>(row.size()) + 1);
        }
    }

    static void shuffle(std::span<Rating> block, Random random) {
        for (std::size_t k = block.size(); k > 1; k--) {
            std::swap(block[k - 1], block[random.below(k)]);
            if (k % kRatingsPerStop == 0) stop_point();
        }
    }

    std::vector<std::int64_t> start_;
    std::vector<Rating> ratings_;
    std::vector<std::int32_t> user_counts_, item_counts_;
};

Factors draw(std::int64_t rows, Side side, const Options& options, Host& host) {
    const int rank = options.objective.rank;
    Factors factors(rows, options.objective.width());
    draw_factors(factors, rank, mix64(options.seed) + (side == Side::users ? 3 : 4), options.threads, host);
    for (std::int64_t r = 0; r < rows; r++) factors.row(r)[one_column(side, rank)] = 1;
    return factors;
}

PERSONALIZE_INLINE float horizontal_sum(Lanes v) {
    [&]<int... Stage>(std::integer_sequence<int, Stage...>) PERSONALIZE_INLINE_LAMBDA {
        ((v += rotate<(kLanes >> Stage) / 2>(v)), ...);
    }
    (std::make_integer_sequence < int, kLanes == 16 ? 4 : kLanes == 8 ? 3 : 2 > {});
    return v[0];
}

// The stride of rows: Lines times kRowAlignment where the compiler knows them, or `stride` where Lines is 0.
template <int Lines>
constexpr int floats(int stride) {
    return Lines > 0 ? Lines * kRowAlignment : stride;
}

template <int Lines>
PERSONALIZE_INLINE Lanes products(const float* x, const float* y, int stride) {
    Lanes sum{};
    for (int k = 0; k < floats<Lines>(stride); k += kLanes) sum += load(x + k) * load(y + k);
    return sum;
}

template <int Lines>
PERSONALIZE_INLINE void prefetch_row(const float* row, int stride) {
    for (int k = 0; k < floats<Lines>(stride); k += kRowAlignment) __builtin_prefetch(row + k);
}

// Calls run<Lines>() for the strides of the usual ranks, else run<0>().
template <class Run>
auto with_lines(int stride, Run&& run) {
    switch (stride / kRowAlignment) {
        case 1:
            return run.template operator()<1>();
        case 2:
            return run.template operator()<2>();
        case 3:
            return run.template operator()<3>();
        case 4:
            return run.template operator()<4>();
        case 5:
            return run.template operator()<5>();
        case 9:
            return run.template operator()<9>();
        default:
            return run.template operator()<0>();
    }
}

class Descent {
  public:
    Descent(const SparseMatrix& by_user, const Options& options, Host& host)
        : options_(options),
          grid_(by_user, options.seed, options.threads, host),
          users_(draw(by_user.rows(), Side::users, options, host)),
          items_(draw(by_user.columns_count, Side::items, options, host)),
          loss_(kGrid * kGrid) {}

    // Visits every rating once. Blocks (b, b + wave mod kGrid) share neither users nor items.
    void pass(int iteration, Host& host) {
        for (const int wave : wave_order(iteration)) {
            parallel_chunks(host, options_.threads, kGrid, [&]() -> ChunkBody {
                return [this, wave](std::int64_t b) {
                    const int row = static_cast<int>(b);
                    with_lines(users_.stride(), [&]<int Lines>() {
                        descend<Lines>(grid_.block(row * kGrid + (row + wave) % kGrid));
                    });
                };
            });
        }
    }

    double loss(Host& host) {
        parallel_chunks(host, options_.threads, kGrid * kGrid, [&]() -> ChunkBody {
            return [this](std::int64_t b) {
                loss_[b] = with_lines(users_.stride(), [&]<int Lines>() {
                    return squared_errors<Lines>(grid_.block(static_cast<int>(b)));
                });
            };
        });
        return std::accumulate(loss_.begin(), loss_.end(), 0.0) +
               options_.objective.regularization *
                   (squares(users_, grid_.user_counts(), host) + squares(items_, grid_.item_counts(), host));
    }

    Model take(std::vector<double> loss) { return {std::move(users_), std::move(items_), std::move(loss)}; }

  private:
    std::vector<int> wave_order(int iteration) const {
        std::vector<int> order(kGrid);
        std::iota(order.begin(), order.end(), 0);
        Random random(mix64(options_.seed) + 5, static_cast<std::uint64_t>(iteration));
        for (std::size_t k = order.size(); k > 1; k--) std::swap(order[k - 1], order[random.below(k)]);
        return order;
    }

    template <int Lines>
    PERSONALIZE_INLINE void prefetch(std::span<const Rating> ratings, std::size_t k) const {
        const Rating& ahead = ratings[std::min(k + kPrefetchRatings, ratings.size() - 1)];
        prefetch_row<Lines>(users_.row(ahead.user), users_.stride());
        prefetch_row<Lines>(items_.row(ahead.item), items_.stride());
    }

    template <int Lines>
    void descend(std::span<const Rating> ratings) {
        const int rank = options_.objective.rank, stride = users_.stride();
        const Lanes rate = splat(options_.learning_rate);
        const Lanes shrink = splat(1 - options_.learning_rate * options_.objective.regularization);
        for (std::size_t k = 0; k < ratings.size(); k++) {
            prefetch<Lines>(ratings, k);
            float *const x = users_.row(ratings[k].user), *const y = items_.row(ratings[k].item);
            const float predicted = horizontal_sum(products<Lines>(x, y, stride));
            const Lanes step = rate * splat(ratings[k].value - predicted);
            for (int j = 0; j < floats<Lines>(stride); j += kLanes) {
                const Lanes a = load(x + j), b = load(y + j);
                store(x + j, shrink * a + step * b);
                store(y + j, shrink * b + step * a);
            }
            x[one_column(Side::users, rank)] = y[one_column(Side::items, rank)] = 1;
            if ((k + 1) % kRatingsPerStop == 0) stop_point();
        }
    }

    // kLanes ratings at a time, so that their products are added up together.
    template <int Lines>
    double squared_errors(std::span<const Rating> ratings) const {
        double sum = 0;
        for (std::size_t first = 0; first < ratings.size(); first += kLanes) {
            const std::size_t count = std::min<std::size_t>(kLanes, ratings.size() - first);
            Lanes predicted[kLanes] = {};
            for (std::size_t l = 0; l < count; l++) {
                prefetch<Lines>(ratings, first + l);
                const Rating& rating = ratings[first + l];
                predicted[l] =
                    products<Lines>(users_.row(rating.user), items_.row(rating.item), users_.stride());
            }
            const Lanes sums = horizontal_sums(predicted);
            for (std::size_t l = 0; l < count; l++) {
                const double error = ratings[first + l].value - sums[l];
                sum += error * error;
            }
            if (first / kLanes % (kRatingsPerStop / kLanes) == 0) stop_point();
        }
        return sum;
    }

    // Each row's square but for its one, times its ratings: every rating carries its share of the
    // regularization of its user and its item.
    static double squares(const Factors& factors, const std::vector<std::int32_t>& counts, Host& host) {
        PollCounter progress(host);
        double sum = 0;
        for (std::int64_t r = 0; r < factors.rows(); r++) {
            const float* const row = factors.row(r);
            double square = -1;
            for (int k = 0; k < factors.width(); k++) square += static_cast<double>(row[k]) * row[k];
            sum += square * counts[r];
            progress.count(factors.width());
        }
        return sum;
    }

    const Options& options_;
    Grid grid_;
    Factors users_, items_;
    std::vector<double> loss_;  // per block
};

}  // namespace

Model train(const SparseMatrix& by_user, const Options& options, Host& host) {
    check(options);
    Descent descent(by_user, options, host);
    std::vector<double> loss;
    for (int iteration = 1; iteration <= options.iterations; iteration++) {
        descent.pass(iteration, host);
        loss.push_back(descent.loss(host));
        if (!std::isfinite(loss.back()))
            throw InvalidInput("gradient descent diverged in pass " + std::to_string(iteration) +
                                   " with learning_rate " + std::to_string(options.learning_rate),
                               "Lower learning_rate.");
        host.iteration_done(iteration, options.iterations, loss.back());
        if (options.tolerance > 0 && loss.size() > 1) {
            const double before = loss[loss.size() - 2];
            if (before - loss.back() < options.tolerance * before) break;
        }
    }
    return descent.take(std::move(loss));
}

std::size_t memory(std::int64_t users, std::int64_t items, std::int64_t ratings,
                   const Options& options) noexcept {
    const int width = options.objective.width();
    return Factors::memory(users, width) + Factors::memory(items, width) +
           static_cast<std::size_t>(ratings) * sizeof(Rating) +
           static_cast<std::size_t>(users + items) * (sizeof(std::int32_t) + 1) +
           (3 * sizeof(std::int64_t)) * kGrid * kGrid;
}

}  // namespace personalize::core::sgd
