#include "core/factorization/als.hpp"

#include <benchmark/benchmark.h>

#include "core/factorization/gibbs.hpp"
#include "core/factorization/sgd.hpp"
#include "core/ratings/transpose.hpp"
#include "generated_ratings.hpp"
#include "matrix_product.hpp"

namespace personalize::core::bench {
namespace {

struct Ratings {
    SparseMatrix by_user, by_item;
};

Ratings make_ratings(Shape shape) {
    SparseMatrix by_user = generated_ratings(shape);
    SparseMatrix by_item = transpose(by_user);
    return {std::move(by_user), std::move(by_item)};
}

const Ratings& goodbooks() {
    static const Ratings ratings = make_ratings(kGoodbooks);
    return ratings;
}

// 16 of each user: the Cholesky factors cost more than the sums.
const Ratings& few_ratings() {
    static const Ratings ratings = make_ratings({kGoodbooks.users, kGoodbooks.items, 16 * kGoodbooks.users});
    return ratings;
}

// The fastest iteration but the first, so that drawing the factors is not counted.
class IterationClock : public QuietHost {
  public:
    void iteration_done(int iteration, int, double) override {
        const double now = cpu_seconds();
        if (iteration > 1) best_ = std::min(best_, now - last_);
        last_ = now;
    }
    double best() const { return best_; }

  private:
    double last_ = 0, best_ = 1e9;
};

// Sums of outer products, Cholesky factors and base products of one exact iteration.
double exact_flops(const Ratings& ratings, double rank) {
    const auto rows = static_cast<double>(ratings.by_user.rows() + ratings.by_item.rows());
    const auto nonzeros = static_cast<double>(ratings.by_user.nonzeros());
    return 2 * nonzeros * rank * rank + rows * (rank * rank * rank / 3 + 3 * rank * rank);
}

void run_als(benchmark::State& state, const Ratings& ratings) {
    als::Options options;
    options.objective = {Feedback::implicit_feedback, static_cast<int>(state.range(0)), .004f, .17f, 1};
    options.block = static_cast<int>(state.range(1));
    options.iterations = options.objective.rank > 128 ? 2 : 4;
    const double product_rate = matrix_product_rate();
    for (auto _ : state) {
        IterationClock clock;
        als::train(ratings.by_user, ratings.by_item, options, clock);
        state.SetIterationTime(clock.best());
        state.counters["CPU_s"] = clock.best();
        const double rate = exact_flops(ratings, options.objective.rank) / clock.best();
        state.counters["exact_GFLOP/s"] = rate / 1e9;
        state.counters["of_product"] = rate / product_rate;
    }
}

// Arguments: rank, block (0: chosen by train(), rank: exact).
void als_iteration(benchmark::State& state) { run_als(state, goodbooks()); }
BENCHMARK(als_iteration)
    ->Args({64, 0})
    ->Args({128, 0})
    ->Args({128, 32})
    ->Args({256, 0})
    ->Args({256, 256})
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

void als_iteration_few_ratings(benchmark::State& state) { run_als(state, few_ratings()); }
BENCHMARK(als_iteration_few_ratings)
    ->Args({64, 0})
    ->Args({128, 0})
    ->Args({256, 0})
    ->Args({256, 256})
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

// The deviations from a mean of 3 of 1 to 5 stars.
SparseMatrix rated(SparseMatrix matrix) {
    for (std::size_t k = 0; k < matrix.values.size(); k++)
        matrix.values[k] = static_cast<float>(mix64(k) % 5) - 2;
    return matrix;
}

// One pass with its loss. Argument: rank.
void sgd_pass(benchmark::State& state) {
    const SparseMatrix by_user = rated(goodbooks().by_user);
    sgd::Options options;
    options.objective = {Feedback::explicit_feedback, static_cast<int>(state.range(0)), .02f, 0, 1};
    options.iterations = 6;
    for (auto _ : state) {
        IterationClock clock;
        sgd::train(by_user, options, clock);
        state.SetIterationTime(clock.best());
        state.counters["CPU_s"] = clock.best();
    }
    state.counters["million_ratings/s"] = benchmark::Counter(static_cast<double>(by_user.nonzeros()) * 1e-6,
                                                             benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(sgd_pass)->Arg(64)->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);

// As many ratings as goodbooks has: a sweep of Gibbs sampling. Argument: rank.
void gibbs_sweep(benchmark::State& state) {
    static const SparseMatrix by_user =
        rated(generated_ratings({kGoodbooks.users, kGoodbooks.items, 1'000'000}));
    static const SparseMatrix by_item = transpose(by_user);
    gibbs::Options options;
    options.rank = static_cast<int>(state.range(0));
    options.burn_in = 5;
    options.samples = options.kept = 1;
    for (auto _ : state) {
        IterationClock clock;
        gibbs::train(by_user, by_item, options, clock);
        state.SetIterationTime(clock.best());
        state.counters["CPU_s"] = clock.best();
    }
}
BENCHMARK(gibbs_sweep)
    ->Arg(8)
    ->Arg(16)
    ->Arg(32)
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

// A user's row and one prediction with its deviation, from 20 ratings. Arguments: rank, samples.
void posterior_fold_in(benchmark::State& state) {
    const int rank = static_cast<int>(state.range(0)), samples = static_cast<int>(state.range(1));
    const PosteriorView shape{rank, samples, nullptr};
    std::vector<float> parameters;
    for (int s = 0; s < samples; s++) {
        parameters.insert(parameters.end(), {.6f, 6});
        parameters.resize(parameters.size() + 2 * static_cast<std::size_t>(rank));
        for (int i = 0; i < rank; i++)
            for (int j = 0; j <= i; j++) parameters.push_back(i == j ? 10.0f : 0.0f);
    }
    const auto fold_in = PosteriorFoldIn::of({rank, samples, parameters.data()});
    Factors items(kGoodbooks.items, shape.width());
    Random random(1, 0);
    for (std::int64_t i = 0; i < items.rows(); i++)
        for (int k = 0; k < rank * samples; k++) items.row(i)[k] = static_cast<float>(.3 * random.normal());
    std::vector<std::int32_t> rated_items;
    std::vector<float> values, row(static_cast<std::size_t>(items.stride()));
    for (int k = 0; k < 20; k++) {
        rated_items.push_back(500 * k);
        values.push_back(static_cast<float>(k % 5 - 2));
    }
    for (auto _ : state) {
        fold_in->solve(items.view(), rated_items, values, row.data());
        benchmark::DoNotOptimize(fold_in->predict(items.view(), 77));
    }
}
BENCHMARK(posterior_fold_in)->Args({8, 16})->Args({16, 16})->Args({32, 16});

}  // namespace
}  // namespace personalize::core::bench
