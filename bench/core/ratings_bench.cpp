// Reading ratings, and opening and checking a model: rows or bytes per second.
#include <benchmark/benchmark.h>

#include <cmath>
#include <vector>

#include "core/model/model_image.hpp"
#include "core/ratings/ratings.hpp"
#include "core/ratings/transpose.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core {
namespace {

struct Row {
    std::int64_t user, item;
};

constexpr std::int64_t kRows = 6'000'000, kUsers = 60'000, kItems = 20'000;
enum Ids { kDense, kScattered };

// In random order; low items are popular. kScattered: ids are any 64-bit numbers.
std::vector<Row> random_rows(Ids ids) {
    Random random(1, 0);
    std::vector<Row> rows(kRows);
    for (Row& row : rows) {
        const double u = random.uniform();
        row = {static_cast<std::int64_t>(random.below(kUsers)), static_cast<std::int64_t>(u * u * kItems)};
        if (ids == kScattered)
            row = {static_cast<std::int64_t>(mix64(static_cast<std::uint64_t>(row.user))),
                   static_cast<std::int64_t>(mix64(static_cast<std::uint64_t>(row.item) + kUsers))};
    }
    return rows;
}

void add_all(RatingsBuilder& builder, const std::vector<Row>& rows) {
    for (const Row& row : rows) builder.add(Id::of(row.user), Id::of(row.item), 1);
}

void add(benchmark::State& state) {
    const auto rows = random_rows(static_cast<Ids>(state.range(0)));
    for (auto _ : state) {
        MemoryBudget budget(std::size_t{1} << 30);
        RatingsBuilder builder(IdType::integer, IdType::integer, false, budget);
        add_all(builder, rows);
    }
    state.SetItemsProcessed(state.iterations() * kRows);
}
BENCHMARK(add)->Arg(kDense)->Arg(kScattered)->Unit(benchmark::kMillisecond);

void finish(benchmark::State& state) {
    const auto rows = random_rows(static_cast<Ids>(state.range(0)));
    QuietHost host;
    for (auto _ : state) {
        state.PauseTiming();
        MemoryBudget budget(std::size_t{1} << 30);
        RatingsBuilder builder(IdType::integer, IdType::integer, false, budget);
        add_all(builder, rows);
        state.ResumeTiming();
        benchmark::DoNotOptimize(builder.finish(OnDuplicate::sum, host));
    }
    state.SetItemsProcessed(state.iterations() * kRows);
}
BENCHMARK(finish)->Arg(kDense)->Arg(kScattered)->Unit(benchmark::kMillisecond);

void transpose_all(benchmark::State& state) {
    MemoryBudget budget(std::size_t{1} << 30);
    RatingsBuilder builder(IdType::integer, IdType::integer, false, budget);
    add_all(builder, random_rows(kDense));
    QuietHost host;
    const Ratings ratings = builder.finish(OnDuplicate::sum, host);
    for (auto _ : state) benchmark::DoNotOptimize(transpose(ratings.by_user));
    state.SetItemsProcessed(state.iterations() * ratings.by_user.nonzeros());
}
BENCHMARK(transpose_all)->Unit(benchmark::kMillisecond);

// 100,000 users, 10,000 items, rank 64, 60 seen items each.
ModelBytes large_image() {
    constexpr std::int64_t kImageUsers = 100'000, kImageItems = 10'000;
    constexpr std::int32_t kSeen = 60;
    std::vector<std::int64_t> users(kImageUsers), items(kImageItems);
    for (std::size_t k = 0; k < users.size(); k++) users[k] = static_cast<std::int64_t>(3 * k);
    for (std::size_t k = 0; k < items.size(); k++) items[k] = static_cast<std::int64_t>(k);
    SeenItemsList seen;
    std::vector<std::int32_t> of_user(kSeen);
    for (std::int64_t u = 0; u < kImageUsers; u++) {
        for (std::int32_t k = 0; k < kSeen; k++) of_user[k] = static_cast<std::int32_t>(u % 100) + k * 150;
        seen.add_user(of_user);
    }
    ModelParts parts;
    parts.objective.regularization = parts.objective.unobserved_weight = .01f;
    const Factors user_factors(kImageUsers, kDefaultRank), item_factors(kImageItems, kDefaultRank);
    const std::vector<float> gram(kDefaultRank * kDefaultRank), popularity(kImageItems);
    const auto order = order_by_popularity(popularity);
    parts.users = IdView::integers(users);
    parts.items = IdView::integers(items);
    parts.user_factors = user_factors.view();
    parts.item_factors = item_factors.view();
    parts.base_gram = gram;
    parts.popularity = popularity;
    parts.popular_order = order;
    parts.seen = seen.view();
    return write_model_image(parts);
}

void check_image(benchmark::State& state) {
    const ModelBytes image = large_image();
    for (auto _ : state) check_model_image(image);
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(image.size()));
}
BENCHMARK(check_image)->Unit(benchmark::kMillisecond);

void open_image(benchmark::State& state) {
    const ModelBytes image = large_image();
    for (auto _ : state) benchmark::DoNotOptimize(open_model_image(image));
}
BENCHMARK(open_image)->Unit(benchmark::kNanosecond);

}  // namespace
}  // namespace personalize::core
