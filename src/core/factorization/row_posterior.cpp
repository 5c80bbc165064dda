#include "core/factorization/row_posterior.hpp"

#include <algorithm>
#include <type_traits>

#include "core/factorization/gather.hpp"
#include "core/factorization/gram.hpp"

namespace personalize::core {

namespace {

std::size_t area(int rank) {
    const auto order = static_cast<std::size_t>(padded(rank));
    return order * order;
}

template <class T>
PERSONALIZE_INLINE T as(const float* p) {
    if constexpr (std::is_same_v<T, float>)
        return *p;
    else
        return load(p);
}

// out[j] = root * shift(j, y[j]), by whole vectors and then one by one.
template <class Shift>
PERSONALIZE_INLINE void scale_row(const float* y, int rank, float root, Shift&& shift, float* out) {
    int j = 0;
    for (; j + kLanes <= rank; j += kLanes) store(out + j, splat(root) * shift(j, load(y + j)));
    for (; j < rank; j++) out[j] = root * shift(j, y[j]);
}

}  // namespace

RowPrior::RowPrior(const Gaussian& gaussian) {
    const int rank = static_cast<int>(gaussian.mean.size()), order = padded(rank);
    gram_ = aligned_floats(area(rank));
    shift_ = aligned_floats(static_cast<std::size_t>(order));
    const double* const precision = gaussian.precision.data();
    double least = precision[0];
    for (int i = 0; i < rank; i++) least = std::min(least, precision[i * rank + i]);
    ridge_ = static_cast<float>(least / 2);
    for (int i = 0; i < order; i++) {
        for (int j = 0; gram_kept(i, j); j += kLanes) {
            for (int l = 0; l < kLanes; l++) {
                const auto [row, column] = gram_element(i, j, l);
                if (row >= rank) continue;
                const double ridge = row == column ? ridge_ : 0;
                gram_[i * order + j + l] = static_cast<float>(precision[row * rank + column] - ridge);
            }
        }
    }
    for (int i = 0; i < rank; i++) {
        double sum = 0;
        for (int j = 0; j < rank; j++) sum += precision[i * rank + j] * gaussian.mean[j];
        shift_[i] = static_cast<float>(sum);
    }
}

std::size_t RowPrior::memory(int rank) noexcept {
    return sizeof(RowPrior) + sizeof(float) * (area(rank) + static_cast<std::size_t>(padded(rank)));
}

RatingSums::RatingSums(int rank)
    : gram(aligned_floats(area(rank))), rhs(aligned_floats(static_cast<std::size_t>(padded(rank)))) {}

std::size_t RatingSums::memory(int rank) noexcept {
    return sizeof(RatingSums) + sizeof(float) * (area(rank) + static_cast<std::size_t>(padded(rank)));
}

std::size_t RowPosterior::memory(int rank) noexcept {
    return NormalEquations::memory(rank, kLanes) +
           kChunkRows * static_cast<std::size_t>(padded(rank)) * sizeof(float);
}

RowPosterior::RowPosterior(int rank)
    : rank_(rank),
      equations_(rank, kLanes),
      chunk_(aligned_floats(kChunkRows * static_cast<std::size_t>(padded(rank)))) {
    std::fill_n(ridge_, kLanes, 1.0f);
}

void RowPosterior::start(int lane, const RowPrior& prior) {
    std::copy_n(prior.gram_.get(), area(rank_), equations_.gram(lane));
    std::copy_n(prior.shift_.get(), padded(rank_), equations_.rhs(lane));
    ridge_[lane] = prior.ridge_;
}

void RowPosterior::start(int lane, const RowPrior& prior, const RatingSums& sums, float weight) {
    const auto blend = [weight](const float* from, const float* add, std::size_t count, float* to) {
        for (std::size_t k = 0; k < count; k++) to[k] = from[k] + weight * add[k];
    };
    blend(prior.gram_.get(), sums.gram.get(), area(rank_), equations_.gram(lane));
    blend(prior.shift_.get(), sums.rhs.get(), static_cast<std::size_t>(padded(rank_)), equations_.rhs(lane));
    ridge_[lane] = prior.ridge_;
}

void RowPosterior::start_sums(int lane) {
    std::fill_n(equations_.gram(lane), area(rank_), 0.0f);
    std::fill_n(equations_.rhs(lane), padded(rank_), 0.0f);
}

void RowPosterior::take_sums(int lane, RatingSums& sums) const {
    std::copy_n(equations_.gram(lane), area(rank_), sums.gram.get());
    std::copy_n(equations_.rhs(lane), padded(rank_), sums.rhs.get());
}

void RowPosterior::add(int lane, const SparseRow& ratings, const RatedFactors& rated) {
    for_each_chunk(ratings, [&](const Chunk& chunk) {
        gather(lane, ratings, chunk.first, chunk.count, rated);
        gram_lower(chunk_.get(), static_cast<std::int64_t>(chunk.count), equations_.order(),
                   equations_.gram(lane), Sum::add);
    });
}

void RowPosterior::gather(int lane, const SparseRow& ratings, std::size_t first, std::size_t count,
                          const RatedFactors& rated) {
    const int order = equations_.order();
    float targets[kChunkRows];
    float* out = chunk_.get();
    for (std::size_t k = first; k < first + count; k++, out += order) {
        if (rated.first == 0) prefetch(rated.factors, ratings, k + kPrefetchRows, rated.first, rank_);
        if (rated.next >= 0) prefetch(rated.factors, ratings, k, rated.next, rank_);
        const std::int32_t column = ratings.columns[k];
        const float* const y = rated.factors.row(column) + rated.first;
        const float root = rated.roots == nullptr ? rated.root : rated.root * rated.roots[column];
        if (rated.mean == nullptr)
            scale_row(
                y, rank_, root, [](int, auto v) { return v; }, out);
        else
            scale_row(
                y, rank_, root, [mean = rated.mean](int j, auto v) { return v + as<decltype(v)>(mean + j); },
                out);
        targets[k - first] = root * (rated.unit == 1 ? ratings.values[k] : ratings.values[k] / rated.unit);
    }
    add_targets(targets, count, equations_.rhs(lane));
}

// rhs += sum of target times gathered row, in registers.
void RowPosterior::add_targets(const float* targets, std::size_t count, float* rhs) const {
    const int order = equations_.order();
    for (int j = 0; j < order; j += kLanes) {
        const float* row = chunk_.get() + j;
        Lanes sum = load(rhs + j);
        for (std::size_t k = 0; k < count; k++, row += order) sum += splat(targets[k]) * load(row);
        store(rhs + j, sum);
    }
}

AlignedFloats RowPosterior::columns(int rank) { return aligned_floats(columns_memory(rank) / sizeof(float)); }

void RowPosterior::set_column(AlignedFloats& columns, int rank, int lane, int k, const float* column) {
    float* const out = columns.get() + k * padded(rank) * kLanes + lane;
    for (int j = 0; j < rank; j++) out[j * kLanes] = column[j];
}

void RowPosterior::set_noise(int lane, Random random) {
    float* const noise = equations_.noise(lane);
    for (int j = 0; j < rank_; j++) noise[j] = static_cast<float>(random.normal());
    std::fill(noise + rank_, noise + equations_.order(), 0.0f);
}

}  // namespace personalize::core
