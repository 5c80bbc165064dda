#include "core/factorization/gibbs.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

#include "core/factorization/normal_wishart.hpp"
#include "core/factorization/row_chunks.hpp"
#include "core/factorization/row_posterior.hpp"
#include "core/factorization/user_noise.hpp"
#include "core/runtime/error.hpp"
#include "core/runtime/parallel.hpp"
#include "core/runtime/poll_counter.hpp"
#include "core/runtime/random.hpp"
#include "core/runtime/vectors.hpp"

namespace personalize::core::gibbs {

namespace {

constexpr double kFlopsPerChunk = 1e8;  // a millisecond or two
constexpr std::size_t kRatingsPerStop = 1 << 16;
constexpr int kEvenSweeps = 3;  // before users have a noise of their own: all errors are large still

// What is drawn from which stream of random numbers: a pure function of the seed, the sweep and the row.
enum class Draw : std::uint64_t { start, item_gaussian, items, user_gaussian, users, noise, count };
std::uint64_t seed_of(std::uint64_t seed, int sweep, Draw draw) {
    return mix64(seed) + static_cast<std::uint64_t>(sweep) * static_cast<std::uint64_t>(Draw::count) +
           static_cast<std::uint64_t>(draw);
}

void check_range(int value, int least, int most, const char* name) {
    if (value < least || value > most)
        throw InvalidInput(std::string(name) + " must be from " + std::to_string(least) + " to " +
                           std::to_string(most) + ", not " + std::to_string(value));
}

void check(const Options& options) {
    constexpr int kMostSweeps = 1'000'000;
    check_range(options.rank, 1, kLargestRank, "rank");
    check_range(options.burn_in, 0, kMostSweeps, "burn_in");
    check_range(options.samples, 1, kMostSweeps, "samples");
    check_range(options.kept, 1, std::min(options.samples, kMostColumns / options.rank),
                "samples that are kept");
    check_range(options.threads, 1, kMostSweeps, "threads");
}

// Root of the mean square: the unit in which the sampler sees ratings, so that its priors fit any scale.
float unit_of(const SparseMatrix& ratings, Host& host) {
    PollCounter progress(host);
    double squares = 0;
    for (const float value : ratings.values) {
        squares += static_cast<double>(value) * value;
        progress.count();
    }
    const double unit = std::sqrt(squares / std::max<double>(1, static_cast<double>(ratings.nonzeros())));
    if (!std::isfinite(unit)) throw InvalidInput("there are ratings that are not finite");
    return unit > 0 ? static_cast<float>(unit) : 1;
}

// Sum of squares of value / unit - x . y over a row.
double squared_errors(const SparseRow& ratings, float unit, const float* x, FactorsView factors) {
    double sum = 0;
    for (std::size_t k = 0; k < ratings.size(); k += kLanes) {
        if (k % kRatingsPerStop == 0 && k > 0) stop_point();
        const float* rows[kLanes];
        for (std::size_t l = 0; l < kLanes; l++)
            rows[l] = factors.row(ratings.columns[std::min(k + l, ratings.size() - 1)]);
        const Lanes products = dot_rows(rows, x, factors.stride);
        for (std::size_t l = 0; l < kLanes && k + l < ratings.size(); l++) {
            const double error = ratings.values[k + l] / unit - products[static_cast<int>(l)];
            sum += error * error;
        }
    }
    return sum;
}

// One side of the matrix and its factors.
struct Side {
    Side(const SparseMatrix& matrix, int rank)
        : ratings(matrix),
          factors(matrix.rows(), rank),
          chunks(row_chunks(matrix, cost(rank), kFlopsPerChunk)) {}

    static RowCost cost(int rank) {
        const double d = padded(rank);
        return {d * d * d / 3 + 4 * d * d + 200 * d, d * d + 8 * d};
    }
    std::int64_t chunks_count() const { return std::ssize(chunks) - 1; }

    const SparseMatrix& ratings;
    Factors factors;
    Gaussian gaussian;
    std::vector<std::int64_t> chunks;
};

class Chain {
  public:
    Chain(const SparseMatrix& by_user, const SparseMatrix& by_item, const Options& options, Host& host)
        : options_(options),
          host_(host),
          unit_(unit_of(by_user, host)),
          users_(by_user, options.rank),
          items_(by_item, options.rank),
          noise_(by_user.rows()),
          squares_(static_cast<std::size_t>(by_user.rows())) {
        start();
    }

    // Returns the sum of squared errors in the unit of the ratings.
    double sweep(int number) {
        if (number > 1) draw_gaussian_of(items_, number, Draw::item_gaussian);
        draw_rows(items_, users_.factors.view(), number, Draw::items);
        draw_gaussian_of(users_, number, Draw::user_gaussian);
        draw_rows(users_, items_.factors.view(), number, Draw::users);
        noise_.draw(users_.ratings, squares_, number > kEvenSweeps, random(number, Draw::noise),
                    options_.threads, host_);
        double sum = 0;
        for (const double square : squares_) sum += square;
        return sum * unit_ * unit_;
    }

    void keep(int index, Model& model);

  private:
    std::uint64_t random(int sweep, Draw draw) const { return seed_of(options_.seed, sweep, draw); }

    void start();
    void draw_gaussian_of(Side& side, int sweep, Draw draw) {
        Random numbers(random(sweep, draw), 0);
        side.gaussian =
            draw_gaussian(row_sums(side.factors.view(), options_.rank, options_.threads, host_), numbers);
    }
    void draw_rows(Side& side, FactorsView fixed, int sweep, Draw draw);
    void draw_batch(RowPosterior& posterior, Side& side, const RowPrior& prior, FactorsView fixed,
                    std::uint64_t seed, std::int64_t first, std::int64_t last);

    const Options& options_;
    Host& host_;
    const float unit_;
    Side users_, items_;
    UserNoise noise_;
    std::vector<double> squares_;  // of each user's errors, in units
};

// Users with one constant column, so that the first items drawn find their biases.
void Chain::start() {
    const int rank = options_.rank;
    const double deviation = .5 / std::pow(rank, .25);
    parallel_chunks(host_, options_.threads, users_.chunks_count(), [&]() -> ChunkBody {
        return [&](std::int64_t chunk) {
            for (std::int64_t u = users_.chunks[chunk]; u < users_.chunks[chunk + 1]; u++) {
                Random numbers(random(0, Draw::start), static_cast<std::uint64_t>(u));
                float* const row = users_.factors.row(u);
                row[0] = 1;
                for (int k = 1; k < rank; k++) row[k] = static_cast<float>(deviation * numbers.normal());
            }
        };
    });
    const auto d = static_cast<std::size_t>(rank);
    items_.gaussian = {std::vector<double>(d), std::vector<double>(d * d)};
    for (std::size_t k = 0; k < d; k++) items_.gaussian.precision[k * d + k] = 4 * std::sqrt(rank);
}

void Chain::draw_rows(Side& side, FactorsView fixed, int sweep, Draw draw) {
    const RowPrior prior(side.gaussian);
    const std::uint64_t seed = random(sweep, draw);
    parallel_chunks(host_, options_.threads, side.chunks_count(), [&]() -> ChunkBody {
        const auto posterior = std::make_shared<RowPosterior>(options_.rank);
        return [this, posterior, &side, &prior, fixed, seed](std::int64_t chunk) {
            const std::int64_t last = side.chunks[chunk + 1];
            for (std::int64_t first = side.chunks[chunk]; first < last; first += kLanes)
                draw_batch(*posterior, side, prior, fixed, seed, first, std::min(last, first + kLanes));
        };
    });
}

void Chain::draw_batch(RowPosterior& posterior, Side& side, const RowPrior& prior, FactorsView fixed,
                       std::uint64_t seed, std::int64_t first, std::int64_t last) {
    const bool are_users = &side == &users_;
    const float* const roots = noise_.roots();
    for (std::int64_t r = first; r < last; r++) {
        const int lane = static_cast<int>(r - first);
        RatedFactors rated{fixed, 0, noise_.root(), are_users ? nullptr : roots, nullptr, unit_};
        if (are_users) rated.root *= roots[r];
        posterior.start(lane, prior);
        posterior.add(lane, side.ratings.row(r), rated);
        posterior.set_noise(lane, Random(seed, static_cast<std::uint64_t>(r)));
    }
    posterior.draw();
    for (std::int64_t r = first; r < last; r++) {
        float* const row = side.factors.row(r);
        std::copy_n(posterior.factors(static_cast<int>(r - first)), options_.rank, row);
        if (are_users) squares_[r] = squared_errors(side.ratings.row(r), unit_, row, fixed);
    }
}

// The item factors carry the unit of the ratings, the users have none.
void Chain::keep(int index, Model& model) {
    const int d = options_.rank, all = d * model.samples;
    const std::vector<double>&n = users_.gaussian.mean, &m = items_.gaussian.mean;
    float* next = model.parameters.data() + static_cast<std::size_t>(index) * posterior_floats(d);
    *next++ = unit_ / noise_.root();
    *next++ = static_cast<float>(noise_.freedom());
    for (const double x : n) *next++ = static_cast<float>(x);
    for (const double y : m) *next++ = static_cast<float>(y * unit_);
    for (int i = 0; i < d; i++)
        for (int j = 0; j <= i; j++) *next++ = static_cast<float>(users_.gaussian.precision[i * d + j]);
    PollCounter progress(host_);
    for (std::int64_t r = 0; r < model.items.rows(); r++) {
        const float* const y = items_.factors.row(r);
        float* const row = model.items.row(r);
        double bias = 0;
        for (int k = 0; k < d; k++) {
            row[index * d + k] = static_cast<float>((y[k] - m[k]) * unit_);
            bias += n[k] * y[k];
        }
        row[all] += static_cast<float>(bias * unit_ / model.samples);
        row[all + 1] = 1;
        progress.count(d);
    }
}

void check_finite(const Model& model, int sweep) {
    const auto finite = [](float x) { return std::isfinite(x); };
    if (std::isfinite(model.loss.back()) &&
        std::all_of(model.parameters.begin(), model.parameters.end(), finite))
        return;
    throw InvalidInput("the factors became infinite in sweep " + std::to_string(sweep),
                       "Look for huge ratings.");
}

void fold_in_users(const SparseMatrix& by_user, Model& model, int threads, Host& host) {
    const PosteriorView posterior = model.posterior();
    RowCost cost = Side::cost(posterior.rank);
    cost.per_row *= 16 * posterior.samples;
    cost.per_observation *= posterior.samples;
    const std::vector<std::int64_t> chunks = row_chunks(by_user, cost, kFlopsPerChunk);
    parallel_chunks(host, threads, std::ssize(chunks) - 1, [&]() -> ChunkBody {
        const std::shared_ptr<PosteriorFoldIn> fold_in = PosteriorFoldIn::of(posterior);
        return [&, fold_in](std::int64_t chunk) {
            for (std::int64_t u = chunks[chunk]; u < chunks[chunk + 1]; u++) {
                const SparseRow row = by_user.row(u);
                fold_in->solve(model.items.view(), row.columns, row.values, model.users.row(u));
            }
        };
    });
}

}  // namespace

Model train(const SparseMatrix& by_user, const SparseMatrix& by_item, const Options& options, Host& host) {
    check(options);
    const int width = options.rank * options.kept + 2, sweeps = options.burn_in + options.samples;
    Model model{
        Factors(by_user.rows(), width), Factors(by_item.rows(), width), {}, {}, options.rank, options.kept};
    model.parameters.resize(static_cast<std::size_t>(options.kept) * posterior_floats(options.rank));
    Chain chain(by_user, by_item, options, host);
    int kept = 0;
    for (int sweep = 1; sweep <= sweeps; sweep++) {
        model.loss.push_back(chain.sweep(sweep));
        const std::int64_t counted = std::int64_t{sweep} - options.burn_in;
        if (counted * options.kept >= std::int64_t{options.samples} * (kept + 1)) chain.keep(kept++, model);
        check_finite(model, sweep);
        host.iteration_done(sweep, sweeps, model.loss.back());
    }
    fold_in_users(by_user, model, options.threads, host);
    return model;
}

std::size_t memory(std::int64_t users, std::int64_t items, const Options& options) noexcept {
    const int rank = options.rank, width = rank * options.kept + 2;
    const auto d = static_cast<std::size_t>(rank),
               threads = static_cast<std::size_t>(std::max(1, options.threads));
    const std::size_t model =
        Factors::memory(users, width) + Factors::memory(items, width) +
        static_cast<std::size_t>(options.kept) * posterior_floats(rank) * sizeof(float) +
        static_cast<std::size_t>(options.burn_in + options.samples) * sizeof(double) * 2;
    const std::size_t rows =
        static_cast<std::size_t>(users + items) * sizeof(std::int64_t) +
        static_cast<std::size_t>(users) * (sizeof(float) + sizeof(double) + sizeof(std::int64_t));
    const std::size_t scratch =
        std::max(RowPosterior::memory(rank), PosteriorFoldIn::memory(rank, options.kept));
    return model + rows + Factors::memory(users, rank) + Factors::memory(items, rank) + threads * scratch +
           row_sums_memory(users, items, rank) + RowPrior::memory(rank) + 16 * d * d * sizeof(double);
}

}  // namespace personalize::core::gibbs
