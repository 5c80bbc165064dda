#include "core/neighbours/nearest_users.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "core/neighbours/entry_values.hpp"
#include "core/ranking/best.hpp"
#include "core/ratings/transpose.hpp"
#include "core/runtime/error.hpp"
#include "core/runtime/poll_counter.hpp"

namespace personalize::core::knn {

namespace {

// What is summed for a user, in the order of the asker's items.
struct Products {
    float xy = 0;
    void add(float x, float y) noexcept { xy += x * y; }
};
struct CountedProducts {
    float xy = 0, n = 0;
    void add(float x, float y) noexcept {
        xy += x * y;
        n += 1;
    }
};
struct DeviationSums {
    float xy = 0, n = 0, xx = 0, yy = 0;
    void add(float x, float y) noexcept {
        xy += x * y;
        n += 1;
        xx += x * x;
        yy += y * y;
    }
};

bool saturates(const Options& options) noexcept {
    return options.user_weighting == UserWeighting::bm25 && !knows_members_only(options.similarity);
}

float scale_of(const Options& options, double square) noexcept {
    if (options.similarity == Similarity::jaccard) return static_cast<float>(square);
    if (options.similarity != Similarity::cosine) return 1;
    return square > 0 ? static_cast<float>(1 / std::sqrt(square)) : 0;
}

void check_compares_users(const Options& options) {
    check(options);
    if (options.similarity == Similarity::rp3beta || options.similarity == Similarity::adjusted_cosine)
        throw InvalidInput("this similarity compares items, not users",
                           "Use cosine, pearson, jaccard or cooccurrence.");
}

// From the values of the matrix to those that are multiplied.
void count_as(SparseMatrix& postings, const PairValues& values, Host& host) {
    PollCounter counter(host);
    bool all_ones = true;
    for (std::int64_t item = 0; item < postings.rows(); item++) {
        for (std::int64_t k = postings.start[item]; k < postings.start[item + 1]; k++) {
            float& value = postings.values[k];
            if (values.all_ones)
                value = 1;
            else if (values.value)
                value = values.value(postings.columns[k], static_cast<std::int32_t>(item), value);
            all_ones &= value == 1;
        }
        counter.count(postings.start[item + 1] - postings.start[item]);
    }
    if (all_ones) postings.values = {};
}

std::vector<float> scales_of(const UserIndexParts& parts, const Options& options, Host& host) {
    PollCounter counter(host);
    std::vector<double> squares(static_cast<std::size_t>(parts.postings.columns_count));
    const bool weighted = !saturates(options);
    for (std::int64_t item = 0; item < parts.postings.rows(); item++) {
        for (std::int64_t k = parts.postings.start[item]; k < parts.postings.start[item + 1]; k++) {
            const double value = parts.postings.values.empty() ? 1 : parts.postings.values[k];
            squares[parts.postings.columns[k]] += (weighted ? parts.item_weights[item] : 1) * value * value;
        }
        counter.count(parts.postings.start[item + 1] - parts.postings.start[item]);
    }
    std::vector<float> scales(squares.size());
    std::transform(squares.begin(), squares.end(), scales.begin(),
                   [&](double square) { return scale_of(options, square); });
    return scales;
}

std::int64_t raters(const UserIndex& index, std::int32_t item) noexcept {
    return index.postings.start[item + 1] - index.postings.start[item];
}

// Those of a user's items by which they are compared, as places in `items`, ascending.
std::vector<std::size_t> compared(const UserIndex& index, std::span<const std::int32_t> items,
                                  std::span<const float> values) {
    std::vector<std::size_t> places;
    std::int64_t postings = 0;
    for (std::size_t k = 0; k < items.size(); k++) {
        if (index.likes_only && !(values[k] > 0)) continue;
        places.push_back(k);
        postings += raters(index, items[k]);
    }
    if (index.most_postings == 0 || postings <= index.most_postings) return places;
    std::sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
        const std::int64_t of_a = raters(index, items[a]), of_b = raters(index, items[b]);
        return of_a != of_b ? of_a < of_b : a < b;
    });
    std::size_t count = 0;
    postings = 0;
    while (count < places.size() && (postings += raters(index, items[places[count]])) <= index.most_postings)
        count++;
    places.resize(std::max<std::size_t>(count, 1));
    std::sort(places.begin(), places.end());
    return places;
}

// The start of the list; the rest the hardware fetches. Always inline, because GCC takes a function that only
// fetches for one without effect.
inline __attribute__((always_inline)) void fetch_postings(const UserIndex& index,
                                                          std::int32_t item) noexcept {
    constexpr std::int64_t kLine = 64 / sizeof(std::int32_t), kMost = 4 * kLine;
    const std::int64_t start = index.postings.start[item], end = start + std::min(raters(index, item), kMost);
    for (std::int64_t at = start; at < end; at += kLine) {
        __builtin_prefetch(index.postings.columns.data() + at);
        if (!index.postings.values.empty()) __builtin_prefetch(index.postings.values.data() + at);
    }
}

template <class Sums>
std::vector<Sums> add_up(const UserIndex& index, const Asker& asker) {
    std::vector<Sums> sums(index.user_scales.size());
    const bool all_ones = index.postings.values.empty();
    const std::int32_t* const users = index.postings.columns.data();
    const float* const values = index.postings.values.data();
    for (std::size_t k = 0; k < asker.items.size(); k++) {
        if (k + 1 < asker.items.size()) fetch_postings(index, asker.items[k + 1]);
        const std::int64_t start = index.postings.start[asker.items[k]],
                           end = start + raters(index, asker.items[k]);
        const float x = asker.values[k];
        if (all_ones)
            for (std::int64_t at = start; at < end; at++) sums[users[at]].add(x, 1);
        else
            for (std::int64_t at = start; at < end; at++) sums[users[at]].add(x, values[at]);
    }
    return sums;
}

constexpr std::int64_t kBlock = 64;

// similarity(user) of the users from `first` on, into likeness; below 0 where there is no user.
template <class SimilarityOf>
void compare_block(std::int64_t users, std::int64_t first, SimilarityOf similarity,
                   float (&likeness)[kBlock]) {
    const std::int64_t count = std::min(kBlock, users - first);
    for (std::int64_t n = 0; n < count; n++) likeness[n] = similarity(first + n);
    for (std::int64_t n = count; n < kBlock; n++) likeness[n] = -1;
}

// At least 0, and no NaN, whatever likeness holds. In lanes, which the compiler takes at once.
float highest_of(const float (&likeness)[kBlock]) {
    constexpr std::int64_t kLanes = 16;
    float highest[kLanes] = {};
    for (std::int64_t n = 0; n < kBlock; n += kLanes)
        for (std::int64_t l = 0; l < kLanes; l++)
            highest[l] = likeness[n + l] > highest[l] ? likeness[n + l] : highest[l];
    return *std::max_element(highest, highest + kLanes);
}

// The k users of highest similarity(user) above 0. Blocks of users are looked at twice: the highest of each
// tells what the k-th and one more, as `self` may be among them, cannot be below, and few have one that
// reaches that.
template <class SimilarityOf>
std::vector<Scored> best_of(std::int64_t users, std::int32_t self, int k, SimilarityOf similarity) {
    float likeness[kBlock];
    std::vector<float> highest(static_cast<std::size_t>((users + kBlock - 1) / kBlock));
    for (std::size_t block = 0; block < highest.size(); block++) {
        compare_block(users, static_cast<std::int64_t>(block) * kBlock, similarity, likeness);
        highest[block] = highest_of(likeness);
    }
    float least = std::numeric_limits<float>::denorm_min();
    if (k < std::ssize(highest)) {
        std::vector<float> ranked = highest;
        std::nth_element(ranked.begin(), ranked.begin() + k, ranked.end(), std::greater<>());
        least = std::max(least, ranked[static_cast<std::size_t>(k)]);
    }
    Best best;
    best.reset(k, users);
    for (std::size_t block = 0; block < highest.size(); block++) {
        if (!(highest[block] >= std::max(least, best.threshold()))) continue;
        const std::int64_t first = static_cast<std::int64_t>(block) * kBlock;
        compare_block(users, first, similarity, likeness);
        for (std::int64_t n = 0; n < kBlock; n++)
            if (likeness[n] >= std::max(least, best.threshold()) && first + n != self)
                best.offer(static_cast<std::int32_t>(first + n), likeness[n]);
    }
    const auto ranked = best.finish();
    return {ranked.begin(), ranked.end()};
}

template <class Sums>
std::vector<Scored> nearest(const UserIndex& index, const Asker& asker, std::int32_t self, int k) {
    const auto sums = add_up<Sums>(index, asker);
    const auto shrunk = [shrinkage = index.options.shrinkage](const Sums& s, float weight) {
        if constexpr (std::is_same_v<Sums, Products>)
            return weight;
        else
            return s.n > 0 ? weight * (s.n / (s.n + shrinkage)) : 0;
    };
    const float* const scales = index.user_scales.data();
    const auto each = [&](auto weigh) {
        return best_of(std::ssize(sums), self, k, [&, data = sums.data()](std::int64_t user) {
            return shrunk(data[user], weigh(data[user], scales[user]));
        });
    };
    if constexpr (std::is_same_v<Sums, DeviationSums>)
        return each([](const DeviationSums& s, float) {
            return s.xx > 0 && s.yy > 0 ? s.xy / (std::sqrt(s.xx) * std::sqrt(s.yy)) : 0;
        });
    else if (index.options.similarity == Similarity::jaccard)
        return each([own = asker.scale](const Sums& s, float scale) {
            return s.xy > 0 ? s.xy / (own + scale - s.xy) : 0;
        });
    else
        return each([own = asker.scale](const Sums& s, float scale) { return s.xy * own * scale; });
}

}  // namespace

std::size_t index_users_memory(const SparseMatrix& by_user) noexcept {
    return sparse_matrix_memory(by_user.columns_count, by_user.nonzeros()) + transpose_memory(by_user) +
           static_cast<std::size_t>(by_user.columns_count) * (sizeof(float) + 2 * sizeof(double)) +
           static_cast<std::size_t>(by_user.rows()) * (sizeof(float) + 2 * sizeof(double));
}

UserIndexParts index_users(const SparseMatrix& by_user, const Options& options, Host& host) {
    check_compares_users(options);
    UserIndexParts parts;
    parts.postings = transpose(by_user, options.threads, host);
    host.poll();
    const PairValues values = entry_values(by_user, parts.postings, options);
    const std::vector<double> weights =
        values.rater_weight.empty() ? rater_factors(by_user, parts.postings, options) : values.rater_weight;
    parts.item_weights.assign(weights.begin(), weights.end());
    count_as(parts.postings, values, host);
    parts.user_scales = scales_of(parts, options, host);
    return parts;
}

Asker asker(const UserIndex& index, std::span<const std::int32_t> items, std::span<const float> values) {
    const Options& options = index.options;
    const bool of_deviations = over_common_raters(options.similarity);
    double mean = 0, square = 0;
    if (of_deviations && !values.empty())
        mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    Asker result;
    for (const std::size_t k : compared(index, items, values)) {
        const double weight = index.item_weights[items[k]];
        const double value = knows_members_only(options.similarity) ? 1
                             : of_deviations                        ? deviation(values[k], mean)
                                                                    : values[k];
        const double counted = saturates(options) ? saturated(value, weight) : weight * value;
        square += counted * (saturates(options) ? counted : value);
        result.items.push_back(items[k]);
        result.values.push_back(static_cast<float>(counted));
    }
    result.scale = scale_of(options, square);
    return result;
}

std::vector<Scored> nearest_users(const UserIndex& index, const Asker& asker, std::int32_t self, int k) {
    if (over_common_raters(index.options.similarity)) return nearest<DeviationSums>(index, asker, self, k);
    if (index.options.shrinkage > 0) return nearest<CountedProducts>(index, asker, self, k);
    return nearest<Products>(index, asker, self, k);
}

std::size_t nearest_users_memory(std::int64_t users) noexcept {
    const auto count = static_cast<std::size_t>(users);
    return count * sizeof(DeviationSums) + (count / kBlock + 1) * 2 * sizeof(float);
}

double product_with(const UserIndex& index, const Asker& asker, std::size_t k, std::int32_t user) noexcept {
    const auto from = static_cast<std::size_t>(index.postings.start[asker.items[k]]),
               to = static_cast<std::size_t>(index.postings.start[asker.items[k] + 1]);
    const auto raters = index.postings.columns.subspan(from, to - from);
    const auto found = std::lower_bound(raters.begin(), raters.end(), user);
    if (found == raters.end() || *found != user) return 0;
    const std::size_t at = from + static_cast<std::size_t>(found - raters.begin());
    const double y = index.postings.values.empty() ? 1 : index.postings.values[at];
    return asker.values[k] * y;
}

}  // namespace personalize::core::knn
