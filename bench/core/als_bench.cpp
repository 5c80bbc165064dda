#include "core/factorization/als.hpp"

#include <benchmark/benchmark.h>

#include "core/factorization/sgd.hpp"
#include "generated_ratings.hpp"
#include "matrix_product.hpp"

namespace personalize::core::bench {
namespace {

struct Ratings {
    SparseMatrix by_user, by_item;
};

const Ratings& goodbooks() {
    static const Ratings ratings = [] {
        SparseMatrix by_user = generated_ratings(kGoodbooks);
        SparseMatrix by_item = transpose(by_user);
        return Ratings{std::move(by_user), std::move(by_item)};
    }();
    return ratings;
}

// Starts the clock behind the first iteration, so that drawing the factors is not counted.
class IterationClock : public QuietHost {
  public:
    explicit IterationClock(benchmark::State& state) : state_(state) {}
    void iteration_done(int iteration, int, double) override {
        const double now = cpu_seconds();
        if (iteration > 1) best_ = std::min(best_, now - last_);
        last_ = now;
    }
    double best() const { return best_; }

  private:
    benchmark::State& state_;
    double last_ = 0, best_ = 1e9;
};

// Sums of outer products, Cholesky factors and base products of one exact iteration.
double exact_flops(const Ratings& ratings, double rank) {
    const auto rows = static_cast<double>(ratings.by_user.rows() + ratings.by_item.rows());
    const auto nonzeros = static_cast<double>(ratings.by_user.nonzeros());
    return 2 * nonzeros * rank * rank + rows * (rank * rank * rank / 3 + 3 * rank * rank);
}

// Arguments: rank, block (0: chosen by train()). CPU seconds of the fastest of three iterations.
void als_iteration(benchmark::State& state) {
    als::Options options;
    options.objective = {Feedback::implicit_feedback, static_cast<int>(state.range(0)), .004f, .17f, 1};
    options.block = static_cast<int>(state.range(1));
    options.iterations = 4;
    const double product_rate = matrix_product_rate();
    for (auto _ : state) {
        IterationClock clock(state);
        als::train(goodbooks().by_user, goodbooks().by_item, options, clock);
        state.SetIterationTime(clock.best());
        const double rate = exact_flops(goodbooks(), options.objective.rank) / clock.best();
        state.counters["exact_GFLOP/s"] = rate / 1e9;
        state.counters["of_product"] = rate / product_rate;
    }
}
BENCHMARK(als_iteration)
    ->Args({64, 0})
    ->Args({128, 0})
    ->Args({128, 32})
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

void sgd_pass(benchmark::State& state) {
    const SparseMatrix by_user = generated_ratings({10'000, 4'000, 1'000'000});
    sgd::Options options;
    options.objective = {Feedback::explicit_feedback, static_cast<int>(state.range(0)), .02f, 0, 1};
    options.iterations = 6;
    for (auto _ : state) {
        IterationClock clock(state);
        sgd::train(by_user, options, clock);
        state.SetIterationTime(clock.best());
    }
}
BENCHMARK(sgd_pass)->Arg(64)->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace personalize::core::bench
