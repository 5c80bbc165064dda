#include <benchmark/benchmark.h>

#include <algorithm>

#include "core/factorization/als.hpp"
#include "core/factorization/fold_in.hpp"
#include "core/ranking/item_index.hpp"
#include "core/ranking/top_k.hpp"
#include "core/ratings/transpose.hpp"
#include "generated_ratings.hpp"
#include "matrix_product.hpp"

namespace personalize::core::bench {
namespace {

Factors made_factors(std::int64_t rows, int rank) {
    Factors factors(rows, rank);
    for (std::int64_t r = 0; r < rows; r++) {
        Random random(1, static_cast<std::uint64_t>(r));
        for (int k = 0; k < rank; k++) factors.row(r)[k] = static_cast<float>(random.normal());
    }
    return factors;
}

als::Model trained_model(const SparseMatrix& by_user) {
    als::Options options;
    options.objective = {Feedback::implicit_feedback, 64, .004f, .17f, 1};
    options.iterations = 3;
    QuietHost host;
    return als::train(by_user, transpose(by_user), options, host);
}

// Arguments: ratings of the user, rank.
void fold_in(benchmark::State& state) {
    const auto ratings = static_cast<std::size_t>(state.range(0));
    const int rank = static_cast<int>(state.range(1));
    const Objective objective{Feedback::implicit_feedback, rank, .004f, .17f, 1};
    const Factors items = made_factors(10'000, rank);
    std::vector<float> gram(base_gram_floats(rank)), row(static_cast<std::size_t>(padded(rank)));
    base_gram(items.view(), objective, gram.data());
    std::vector<std::int32_t> columns(ratings);
    for (std::size_t k = 0; k < ratings; k++) columns[k] = static_cast<std::int32_t>(k * 10'000 / ratings);
    const std::vector<float> values(ratings, 1);
    const auto fold_in = FoldIn::of(objective);
    for (auto _ : state) {
        fold_in->solve(items.view(), gram.data(), columns, values, row.data());
        benchmark::DoNotOptimize(row.data());
    }
}
BENCHMARK(fold_in)->Args({110, 64})->Args({110, 128})->Args({110, 512})->Unit(benchmark::kMicrosecond);

// Arguments: items, whether the factors are those of a model. The median of many users.
void top_ten(benchmark::State& state) {
    const std::int64_t items_count = state.range(0);
    als::Model model{made_factors(200, 64), made_factors(items_count, 64), {}};
    if (state.range(1) != 0)
        model = trained_model(generated_ratings({20'000, items_count, 20 * items_count}));
    const ItemIndex index(model.items.view(), typical_length(model.users.view(), 0, model.users.rows()));
    std::vector<Scored> result;
    std::vector<double> seconds;
    std::int64_t user = 0;
    for (auto _ : state) {
        const double began = cpu_seconds();
        top_items(model.items.view(), index.view(), model.users.row(user++ % 200), 0, nullptr, 10, result);
        seconds.push_back(cpu_seconds() - began);
    }
    std::nth_element(seconds.begin(), seconds.begin() + std::ssize(seconds) / 2, seconds.end());
    state.counters["median_us"] = seconds[seconds.size() / 2] * 1e6;
}
BENCHMARK(top_ten)
    ->ArgsProduct({{10'000, 100'000, 1'000'000}, {0}})
    ->ArgsProduct({{10'000, 100'000}, {1}})
    ->ArgNames({"items", "trained"})
    ->Unit(benchmark::kMicrosecond);

// Argument: items. Without an index.
void top_ten_of_all_scores(benchmark::State& state) {
    const Factors items = made_factors(state.range(0), 64), users = made_factors(64, 64);
    std::vector<Scored> result;
    std::int64_t user = 0;
    for (auto _ : state) top_items(items.view(), users.row(user++ % 64), 0, nullptr, 10, result);
}
BENCHMARK(top_ten_of_all_scores)->Arg(10'000)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

// Argument: whether the factors are those of a model, or without any structure. `share` is the share of the
// time that the whole product would take at the rate of sgemm.
void top_ten_for_all(benchmark::State& state) {
    const bool trained = state.range(0) != 0;
    const SparseMatrix ratings = generated_ratings(kGoodbooks);
    als::Model model{made_factors(kGoodbooks.users, 64), made_factors(kGoodbooks.items, 64), {}};
    if (trained) model = trained_model(ratings);
    SeenItemsList seen;
    for (std::int64_t u = 0; u < ratings.rows(); u++) seen.add_user(ratings.row(u).columns);
    const double product = 2. * kGoodbooks.users * kGoodbooks.items * 64 / matrix_product_rate();
    std::vector<Scored> result;
    QuietHost host;
    double best = 1e9;
    for (auto _ : state) {
        const double began = cpu_seconds();
        top_items_for_all(model.users.view(), model.items.view(), 0, seen.view(), 0, kGoodbooks.users, 10, 1,
                          host, result);
        best = std::min(best, cpu_seconds() - began);
    }
    state.counters["best_s"] = best;
    state.counters["share"] = product / best;
}
BENCHMARK(top_ten_for_all)->Arg(0)->Arg(1)->ArgName("trained")->Iterations(5)->Unit(benchmark::kMillisecond);

void similar_rows(benchmark::State& state) {
    const Factors items = made_factors(state.range(0), 64);
    std::vector<Scored> result;
    for (auto _ : state) most_similar(items.view(), 64, items.row(5), 5, 10, result);
}
BENCHMARK(similar_rows)->Arg(10'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace personalize::core::bench
