#include "core/factorization/rating_posterior.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/factorization/double_cholesky.hpp"
#include "core/factorization/row_posterior.hpp"
#include "core/runtime/error.hpp"

namespace personalize::core {

namespace {

constexpr int kUpdates = 3;  // of a user's precision

double dot(const float* x, const float* y, int width) {
    double sum = 0;
    for (int k = 0; k < width; k++) sum += static_cast<double>(x[k]) * y[k];
    return sum;
}

// Of one sample, as posterior_floats() counts them.
struct SampleParameters {
    SampleParameters(PosteriorView posterior, int sample)
        : rank(posterior.rank),
          start(posterior.parameters + static_cast<std::size_t>(sample) * posterior_floats(rank)) {}

    float noise() const { return start[0]; }
    float freedom() const { return start[1]; }
    const float* user_mean() const { return start + 2; }
    const float* item_mean() const { return start + 2 + rank; }
    const float* user_precision() const { return start + 2 + 2 * rank; }

    Gaussian users() const {
        const auto d = static_cast<std::size_t>(rank);
        Gaussian gaussian{{user_mean(), user_mean() + rank}, std::vector<double>(d * d)};
        const float* next = user_precision();
        for (std::size_t i = 0; i < d; i++)
            for (std::size_t j = 0; j <= i; j++)
                gaussian.precision[i * d + j] = gaussian.precision[j * d + i] = *next++;
        return gaussian;
    }

    int rank;
    const float* start;
};

// What one sample says of users, and of the user of the last solve().
class UserSample {
  public:
    explicit UserSample(const SampleParameters& sample)
        : rank_(sample.rank),
          noise_(sample.noise()),
          freedom_(sample.freedom()),
          prior_(sample.users()),
          sums_(sample.rank),
          mean_(sample.user_mean(), sample.user_mean() + rank_),
          x_(mean_),
          root_(static_cast<std::size_t>(rank_ * stride(rank_))) {
        const auto d = static_cast<std::size_t>(rank_);
        const SquareMatrix lower = cholesky(SquareMatrix(d, sample.users().precision));
        for (std::size_t j = 0; j < d; j++)
            std::copy_n(lower.values.begin() + static_cast<std::ptrdiff_t>(j * d), d,
                        root_.begin() + static_cast<std::ptrdiff_t>(j) * stride(rank_));
    }

    // Sums the ratings up, in units of the noise; `squares` is the sum of theirs.
    void collect(RowPosterior& posterior, int lane, const SparseRow& ratings, const RatedFactors& rated,
                 double squares) {
        posterior.start_sums(lane);
        posterior.add(lane, ratings, rated);
        posterior.take_sums(lane, sums_);
        ratings_ = static_cast<double>(ratings.size());
        squares_ = squares;
        own_precision_ = 1;
        expected_squares_ = 0;
    }

    void start(RowPosterior& posterior, int lane) const {
        posterior.start(lane, prior_, sums_, own_precision_);
    }
    void take_mean(const RowPosterior& posterior, int lane) {
        std::copy_n(posterior.factors(lane), rank_, x_.data());
    }
    // Column k of R, P = R R^T: what its columns whiten to has the squares tr(A^-1 P), the spread.
    std::vector<float> root_column(int k) const {
        std::vector<float> column;
        for (int j = 0; j < rank_; j++) column.push_back(root_row(j)[k]);
        return column;
    }

    // From the expected squares of the errors, a |r - Y x|^2 + a tr(Y A^-1 Y^T), in units of the noise: with
    // A x = P n + a Y^T r and A = P + a Y^T Y.
    void update_precision(double spread) {
        const double explained = dot(x_.data(), sums_.rhs.get(), rank_), a = own_precision_;
        expected_squares_ = std::max(0.0, squares_ - explained + (rank_ - spread - deviation()) / a);
        own_precision_ = static_cast<float>((freedom_ + ratings_) / (freedom_ + expected_squares_));
    }

    double noise_variance() const {
        return static_cast<double>(noise_) * noise_ * (freedom_ + expected_squares_) /
               (freedom_ + ratings_ - 2);
    }
    const std::vector<float>& factors() const { return x_; }
    const std::vector<float>& prior_mean() const { return mean_; }
    float noise() const { return noise_; }
    double precision() const { return own_precision_ / (static_cast<double>(noise_) * noise_); }

    static std::size_t memory(int rank) noexcept {
        const auto d = static_cast<std::size_t>(rank);
        return sizeof(UserSample) + RowPrior::memory(rank) + RatingSums::memory(rank) +
               sizeof(float) * (static_cast<std::size_t>(stride(rank)) + 2) * d;
    }

  private:
    static constexpr int kColumns = 8;
    static int stride(int rank) noexcept { return (rank + kColumns - 1) / kColumns * kColumns; }
    const float* root_row(int j) const { return root_.data() + j * stride(rank_); }
    // x . P (x - n), by R^T x and R^T (x - n), some columns of R at a time.
    double deviation() const {
        double sum = 0;
        for (int first = 0; first < rank_; first += kColumns) {
            double left[kColumns] = {}, right[kColumns] = {};
            for (int j = first; j < rank_; j++) {
                const float* const row = root_row(j) + first;
                const double x = x_[j], y = x_[j] - mean_[j];
                PERSONALIZE_UNROLL
                for (int k = 0; k < kColumns; k++) left[k] += row[k] * x;
                PERSONALIZE_UNROLL
                for (int k = 0; k < kColumns; k++) right[k] += row[k] * y;
            }
            for (int k = 0; k < kColumns; k++) sum += left[k] * right[k];
        }
        return sum;
    }

    int rank_;
    float noise_, freedom_;
    RowPrior prior_;
    RatingSums sums_;
    std::vector<float> mean_, x_, root_;
    double ratings_ = 0, squares_ = 0, expected_squares_ = 0;
    float own_precision_ = 1;
};

class LanesOfSamples final : public PosteriorFoldIn {
  public:
    explicit LanesOfSamples(PosteriorView posterior);
    void solve(FactorsView factors, std::span<const std::int32_t> items, std::span<const float> values,
               float* out) override;
    RatingDistribution predict(FactorsView factors, std::int32_t item) override;
    Explanation explain(FactorsView factors, std::span<const std::int32_t> items,
                        std::span<const float> values, std::int32_t item) override;

  private:
    void take_item(FactorsView factors, std::int32_t item) {
        const float* const row = factors.row(item);
        for (std::size_t k = 0; k < item_.size(); k++) item_[k] = row[k] + item_means_[k];
    }
    const float* item_of(std::size_t s) const { return item_.data() + s * static_cast<std::size_t>(rank_); }
    void whiten_item(std::size_t batch);
    void solve_batch(FactorsView factors, const SparseRow& ratings, std::size_t batch);
    void solve_means(std::size_t batch);
    void add_up_squares(std::span<const float> values);
    // Calls work(posterior, lane, s) for the samples of a batch.
    template <class Work>
    void for_lanes(std::size_t batch, Work&& work) {
        const std::size_t first = batch * kLanes, last = std::min(samples_.size(), first + kLanes);
        for (std::size_t s = first; s < last; s++) work(posteriors_[batch], static_cast<int>(s - first), s);
    }

    static constexpr std::size_t kTogether = 8;  // samples

    int rank_;
    std::vector<UserSample> samples_;
    std::vector<RowPosterior> posteriors_;  // kLanes samples each
    std::vector<AlignedFloats> roots_;      // R of the samples of each
    std::vector<float> item_means_;         // m_s, one behind the other
    std::vector<float> item_;               // y_s likewise
    std::vector<double> means_;             // the samples' predictions
    std::vector<double> noises_;            // e of each, then ones up to a multiple of kTogether
    std::vector<double> squares_;           // of the ratings, in units of each sample's noise
};

LanesOfSamples::LanesOfSamples(PosteriorView posterior) : rank_(posterior.rank) {
    for (int s = 0; s < posterior.samples; s++) {
        const SampleParameters sample(posterior, s);
        samples_.emplace_back(sample);
        noises_.push_back(sample.noise());
        item_means_.insert(item_means_.end(), sample.item_mean(), sample.item_mean() + rank_);
        if (s % kLanes == 0) {
            posteriors_.emplace_back(rank_);
            roots_.push_back(RowPosterior::columns(rank_));
        }
        for (int k = 0; k < rank_; k++)
            RowPosterior::set_column(roots_.back(), rank_, s % kLanes, k,
                                     samples_.back().root_column(k).data());
    }
    item_.resize(item_means_.size());
    means_.resize(samples_.size());
    noises_.resize((samples_.size() + kTogether - 1) / kTogether * kTogether, 1);
    squares_.resize(noises_.size());
}

void LanesOfSamples::solve(FactorsView factors, std::span<const std::int32_t> items,
                           std::span<const float> values, float* out) {
    const int all = static_cast<int>(item_.size());
    std::fill_n(out, padded(all + 2), 0.0f);
    add_up_squares(values);
    for (std::size_t batch = 0; batch < posteriors_.size(); batch++)
        solve_batch(factors, {items, values}, batch);
    float* next = out;
    for (const UserSample& sample : samples_)
        for (int k = 0; k < rank_; k++)
            *next++ = (sample.factors()[k] - sample.prior_mean()[k]) / static_cast<float>(samples_.size());
    out[all] = 1;
    out[all + 1] = static_cast<float>(dot(out, item_means_.data(), all));
}

void LanesOfSamples::add_up_squares(std::span<const float> values) {
    for (std::size_t first = 0; first < samples_.size(); first += kTogether) {
        double sums[kTogether] = {};
        for (const float value : values)
            for (std::size_t k = 0; k < kTogether; k++) {
                const double in_units = value / noises_[first + k];
                sums[k] += in_units * in_units;
            }
        std::copy_n(sums, kTogether, squares_.begin() + static_cast<std::ptrdiff_t>(first));
    }
}

void LanesOfSamples::solve_batch(FactorsView factors, const SparseRow& ratings, std::size_t batch) {
    for_lanes(batch, [&](RowPosterior& posterior, int lane, std::size_t s) {
        const int first = static_cast<int>(s) * rank_;
        const int next = s + 1 < samples_.size() ? first + rank_ : -1;
        const float noise = samples_[s].noise();
        samples_[s].collect(posterior, lane, ratings,
                            {factors, first, 1 / noise, nullptr, item_means_.data() + first, 1, next},
                            squares_[s]);
    });
    for (int update = 0; update < kUpdates && ratings.size() > 0; update++) {
        solve_means(batch);
        double spread[kLanes];
        posteriors_[batch].whitened_squares(roots_[batch], spread);
        for_lanes(batch, [&](RowPosterior&, int lane, std::size_t s) {
            samples_[s].update_precision(spread[lane]);
        });
    }
    solve_means(batch);
}

void LanesOfSamples::solve_means(std::size_t batch) {
    for_lanes(batch,
              [&](RowPosterior& posterior, int lane, std::size_t s) { samples_[s].start(posterior, lane); });
    posteriors_[batch].solve();
    for_lanes(batch, [&](RowPosterior& posterior, int lane, std::size_t s) {
        samples_[s].take_mean(posterior, lane);
    });
}

RatingDistribution LanesOfSamples::predict(FactorsView factors, std::int32_t item) {
    take_item(factors, item);
    const auto count = static_cast<double>(samples_.size());
    double mean = 0, within = 0, between = 0;
    for (std::size_t batch = 0; batch < posteriors_.size(); batch++) {
        for_lanes(batch, [&](RowPosterior&, int, std::size_t s) {
            means_[s] = dot(samples_[s].factors().data(), item_of(s), rank_);
            mean += means_[s] / count;
        });
        whiten_item(batch);
        for_lanes(batch, [&](RowPosterior& posterior, int lane, std::size_t s) {
            const float* const root = posterior.factors(lane);
            within += (dot(root, root, rank_) + samples_[s].noise_variance()) / count;
        });
    }
    for (const double m : means_) between += std::pow(m - mean, 2) / std::max(1.0, count - 1);
    return {static_cast<float>(mean), static_cast<float>(std::sqrt(within + between))};
}

void LanesOfSamples::whiten_item(std::size_t batch) {
    for_lanes(batch, [&](RowPosterior& posterior, int lane, std::size_t s) {
        posterior.set_direction(lane, item_of(s));
    });
    posteriors_[batch].whiten();
}

// y . A^-1 y' is the product of what whiten() makes of both.
Explanation LanesOfSamples::explain(FactorsView factors, std::span<const std::int32_t> items,
                                    std::span<const float> values, std::int32_t item) {
    Explanation result{factors.row(item)[item_.size()], std::vector<double>(items.size())};
    const auto count = static_cast<double>(samples_.size());
    std::vector<float> direction(item_.size());
    take_item(factors, item);
    for (std::size_t batch = 0; batch < posteriors_.size(); batch++) {
        whiten_item(batch);
        for_lanes(batch, [&](RowPosterior& posterior, int lane, std::size_t s) {
            std::copy_n(posterior.factors(lane), rank_, direction.begin() + static_cast<int>(s) * rank_);
        });
    }
    for (std::size_t k = 0; k < items.size(); k++) {
        take_item(factors, items[k]);
        for (std::size_t batch = 0; batch < posteriors_.size(); batch++) {
            whiten_item(batch);
            for_lanes(batch, [&](RowPosterior& posterior, int lane, std::size_t s) {
                const UserSample& sample = samples_[s];
                const double said = values[k] - dot(sample.prior_mean().data(), item_of(s), rank_);
                const double reach =
                    dot(posterior.factors(lane), &direction[s * static_cast<std::size_t>(rank_)], rank_);
                result.contributions[k] += sample.precision() * reach * said / count;
            });
        }
    }
    return result;
}

}  // namespace

std::unique_ptr<PosteriorFoldIn> PosteriorFoldIn::of(PosteriorView posterior) {
    if (const char* wrong = wrong_with_posterior(posterior)) throw CorruptModel(std::string("its ") + wrong);
    return std::make_unique<LanesOfSamples>(posterior);
}

std::size_t PosteriorFoldIn::memory(int rank, int samples) noexcept {
    const auto s = static_cast<std::size_t>(samples), all = s * static_cast<std::size_t>(rank);
    const std::size_t batches = (s + kLanes - 1) / kLanes;
    return s * (UserSample::memory(rank) + sizeof(double)) + 2 * (s + 8) * sizeof(double) +
           batches *
               (sizeof(RowPosterior) + RowPosterior::memory(rank) + RowPosterior::columns_memory(rank)) +
           2 * all * sizeof(float);
}

}  // namespace personalize::core
