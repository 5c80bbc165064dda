// Neighbours of items: CPU seconds from matrix to neighbours. Arguments: similarity, values (0 all 1, 1 from
// 1 to 5), threads.
#include <benchmark/benchmark.h>

#include <ctime>

#include "core/neighbours/knn.hpp"
#include "core/ratings/transpose.hpp"
#include "generated_ratings.hpp"

namespace personalize::core {
namespace {

double cpu_seconds() {
    timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void knn_neighbours(benchmark::State& state) {
    auto by_user = bench::generated_ratings(bench::kGoodbooks);
    if (state.range(1) != 0)
        for (std::size_t k = 0; k < by_user.values.size(); k++)
            by_user.values[k] = static_cast<float>(1 + mix64(k) % 5);
    QuietHost host;
    const auto by_item = transpose(by_user, 1, host);
    const knn::Options options{.similarity = static_cast<knn::Similarity>(state.range(0)),
                               .neighbours = 20,
                               .threads = static_cast<int>(state.range(2))};
    double least = 1e9;
    for (auto _ : state) {
        const double before = cpu_seconds();
        benchmark::DoNotOptimize(knn::train(by_item, by_user, options, host));
        least = std::min(least, cpu_seconds() - before);
    }
    state.counters["CPU_s"] = least;
}
BENCHMARK(knn_neighbours)
    ->Args({0, 0, 1})
    ->Args({0, 0, 2})
    ->Args({0, 1, 1})
    ->Args({1, 1, 1})
    ->Args({5, 0, 1})
    ->Iterations(2)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace personalize::core
