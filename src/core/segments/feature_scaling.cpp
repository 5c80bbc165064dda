#include "core/segments/feature_scaling.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "core/segments/point_chunks.hpp"

namespace personalize::core {

namespace {

struct Range {
    double low = HUGE_VAL, high = -HUGE_VAL;

    double width() const noexcept { return high - low; }
    bool is_constant() const noexcept { return !(width() >= kLeastSpread); }
};

using Sums = std::vector<__int128>;

class Columns {
  public:
    Columns(std::span<const double> features, int columns, int threads, Host& host)
        : features_(features),
          columns_(static_cast<std::size_t>(columns)),
          rows_(std::ssize(features) / columns),
          threads_(threads),
          host_(host) {
        ranges_.resize(columns_);
        sweep(
            ranges_,
            [](Range& range, double x, std::size_t) {
                range.low = std::min(range.low, x);
                range.high = std::max(range.high, x);
            },
            [](Range& to, const Range& from) {
                to.low = std::min(to.low, from.low);
                to.high = std::max(to.high, from.high);
            });
        means_ =
            averages([this](double x, std::size_t j) { return (x - ranges_[j].low) / ranges_[j].width(); });
    }

    const Range& range(std::size_t j) const noexcept { return ranges_[j]; }
    double mean(std::size_t j) const noexcept {
        return ranges_[j].is_constant() ? ranges_[j].low : ranges_[j].low + means_[j] * ranges_[j].width();
    }

    std::vector<double> deviations() {
        auto result = averages([this](double x, std::size_t j) {
            const double d = (x - ranges_[j].low) / ranges_[j].width() - means_[j];
            return d * d;
        });
        for (std::size_t j = 0; j < columns_; j++)
            result[j] = ranges_[j].is_constant() ? 0 : std::sqrt(result[j]) * ranges_[j].width();
        return result;
    }

    std::vector<Axis> robust() {
        std::vector<Axis> axes(columns_);
        parallel_chunks(host_, threads_, static_cast<std::int64_t>(columns_), [&]() -> ChunkBody {
            return [&, values = BulkVector<double>()](std::int64_t j) mutable {
                values.resize(static_cast<std::size_t>(rows_));
                for (std::size_t r = 0; r < values.size(); r++)
                    values[r] = features_[r * columns_ + static_cast<std::size_t>(j)];
                StoppingHost stopping;
                axes[j] = axis_of(robust_scaling(values, stopping));
            };
        });
        return axes;
    }

  private:
    // add(state of a column, value, column) for all values, then merge(state, state of another thread).
    template <class State, class Add, class Merge>
    void sweep(std::vector<State>& states, Add add, Merge merge) {
        std::mutex mutex;
        const std::vector<State> empty = states;
        PointChunks(rows_, static_cast<int>(columns_)).run(threads_, host_, [&] {
            return [&, own = empty](std::int64_t, std::int64_t first, std::int64_t last) mutable {
                own = empty;
                for (std::int64_t r = first; r < last; r++)
                    for (std::size_t j = 0; j < columns_; j++)
                        add(own[j], features_[static_cast<std::size_t>(r) * columns_ + j], j);
                const std::lock_guard lock(mutex);
                for (std::size_t j = 0; j < columns_; j++) merge(states[j], own[j]);
            };
        });
    }

    // Of shares in [0, 1], in units of 2^-kShareBits; nothing of constant columns.
    template <class Share>
    std::vector<double> averages(Share share) {
        Sums sums(columns_);
        sweep(
            sums,
            [&](__int128& sum, double x, std::size_t j) {
                if (!ranges_[j].is_constant())
                    sum += static_cast<std::int64_t>(std::ldexp(1, kShareBits) * share(x, j));
            },
            [](__int128& to, const __int128& from) { to += from; });
        std::vector<double> result;
        for (const __int128 sum : sums)
            result.push_back(static_cast<double>(static_cast<long double>(sum) /
                                                 static_cast<long double>(rows_) * 0x1p-52L));
        return result;
    }

    static constexpr int kShareBits = 52;

    const std::span<const double> features_;
    const std::size_t columns_;
    const std::int64_t rows_;
    const int threads_;
    Host& host_;
    std::vector<Range> ranges_;
    std::vector<double> means_;  // of the shares of the ranges
};

// One power of two for all.
std::vector<Axis> common_axes(const Columns& columns, std::size_t count) {
    double reach = 0;
    for (std::size_t j = 0; j < count; j++)
        reach = std::max(
            {reach, columns.range(j).high - columns.mean(j), columns.mean(j) - columns.range(j).low});
    const double factor = reach >= kLeastSpread ? std::ldexp(1, -std::ilogb(reach) - 1) : 1;
    std::vector<Axis> axes;
    for (std::size_t j = 0; j < count; j++) axes.push_back({columns.mean(j), factor});
    return axes;
}

}  // namespace

std::vector<Axis> make_axes(std::span<const double> features, int columns, FeatureScaling scaling,
                            int threads, Host& host) {
    Columns all(features, columns, threads, host);
    if (scaling == FeatureScaling::robust) return all.robust();
    const auto count = static_cast<std::size_t>(columns);
    if (scaling == FeatureScaling::none) return common_axes(all, count);
    std::vector<Axis> axes;
    const auto deviations = all.deviations();
    for (std::size_t j = 0; j < count; j++) {
        if (scaling == FeatureScaling::zscore)
            axes.push_back(axis_of({all.mean(j), deviations[j]}));
        else
            axes.push_back(axis_of({all.range(j).low, all.range(j).width()}));
    }
    return axes;
}

double exact_mean(std::span<const double> values, Host& host) { return Columns(values, 1, 1, host).mean(0); }

std::size_t axes_memory(std::int64_t rows, FeatureScaling scaling, int threads) noexcept {
    if (scaling != FeatureScaling::robust) return 0;
    return static_cast<std::size_t>(rows) * static_cast<std::size_t>(threads) * sizeof(double);
}

}  // namespace personalize::core
