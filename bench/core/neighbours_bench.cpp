// Neighbourhood models: from the matrix to the neighbours, by threads. Made-up ratings of 1 to 5.
#include <benchmark/benchmark.h>

#include "core/neighbours/ease.hpp"
#include "core/neighbours/knn.hpp"
#include "core/ratings/transpose.hpp"
#include "generated_ratings.hpp"

namespace personalize::core {
namespace {

struct Both {
    SparseMatrix by_user, by_item;
};

Both ratings(bench::Shape shape) {
    Both both;
    both.by_user = bench::generated_ratings(shape);
    Random random(2, 0);
    for (float& value : both.by_user.values) value = static_cast<float>(1 + random.below(5));
    both.by_item = transpose(both.by_user);
    return both;
}

void neighbours(benchmark::State& state) {
    const Both both = ratings(bench::kGoodbooks);
    knn::Options options;
    options.similarity = static_cast<knn::Similarity>(state.range(0));
    options.neighbours = 20;
    options.threads = static_cast<int>(state.range(1));
    QuietHost host;
    for (auto _ : state) benchmark::DoNotOptimize(knn::train(both.by_item, both.by_user, options, host));
}
BENCHMARK(neighbours)
    ->ArgsProduct({{static_cast<int>(knn::Similarity::cosine), static_cast<int>(knn::Similarity::pearson),
                    static_cast<int>(knn::Similarity::rp3beta)},
                   {1, 2}})
    ->ArgNames({"similarity", "threads"})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

void ease_weights(benchmark::State& state) {
    const Both both = ratings({20'000, state.range(0), 1'000'000});
    ease::Options options;
    options.threads = static_cast<int>(state.range(1));
    QuietHost host;
    for (auto _ : state) benchmark::DoNotOptimize(ease::train(both.by_item, both.by_user, options, host));
}
BENCHMARK(ease_weights)
    ->ArgsProduct({{1'000, 4'000}, {1, 2}})
    ->ArgNames({"items", "threads"})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

}  // namespace
}  // namespace personalize::core
