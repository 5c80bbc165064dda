#include "core/factorization/row_solver.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <numeric>
#include <vector>

#include "core/factorization/block_solver.hpp"
#include "core/factorization/fold_in.hpp"
#include "core/runtime/error.hpp"
#include "core/runtime/parallel.hpp"

namespace personalize::core {
namespace {

using Clock = std::chrono::steady_clock;

// In seconds of the processor: what else the machine does does not count. Freeing the scratch memory is slow
// where a sanitizer watches.
#if defined(__SANITIZE_ADDRESS__)
constexpr double kPatience = 2;
#else
constexpr double kPatience = .25;
#endif

struct ImpatientHost : Host {
    const Clock::time_point began = Clock::now();
    std::clock_t threw = 0;
    void poll() override {
        if (Clock::now() - began < std::chrono::milliseconds(15)) return;
        threw = std::clock();
        throw Cancelled{};
    }
};

// An item that everyone has rated is one chunk of work, of several hundred milliseconds here.
class LongRow : public testing::TestWithParam<int> {
  protected:
    static constexpr std::int64_t kObservations = 100'000;

    template <class Solver>
    void expect_cancels(const std::function<Solver()>& make_solver) {
        ImpatientHost host;
        const FixedFactors fixed{factors_.view(), gram_.data()};
        EXPECT_THROW(parallel_chunks(host, GetParam(), 2,
                                     [&]() -> ChunkBody {
                                         auto solver = std::make_shared<Solver>(make_solver());
                                         return [&, solver](std::int64_t chunk) {
                                             const RowTask task{{columns_, values_}, out_.row(chunk)};
                                             solver->solve(fixed, {&task, 1});
                                         };
                                     }),
                     Cancelled);
        EXPECT_LT(static_cast<double>(std::clock() - host.threw) / CLOCKS_PER_SEC, kPatience);
    }

    LongRow() : columns_(kObservations), values_(kObservations, 1.0f) {
        std::iota(columns_.begin(), columns_.end(), 0);
    }

    const Objective objective_{Feedback::implicit_feedback, 256, .1f, .1f, 1};
    const Factors factors_{kObservations, 256};
    Factors out_{2, 256};
    const std::vector<float> gram_ = std::vector<float>(base_gram_floats(256));
    std::vector<std::int32_t> columns_;
    std::vector<float> values_;
};

TEST_P(LongRow, ExactSolveCancels) {
    expect_cancels<RowSolver>([&] { return RowSolver(objective_, Side::items, 1); });
}

TEST_P(LongRow, SolveByBlocksCancels) {
    expect_cancels<BlockSolver>([&] { return BlockSolver(objective_, 64, kObservations); });
}

INSTANTIATE_TEST_SUITE_P(Threads, LongRow, testing::Values(1, 2));

}  // namespace
}  // namespace personalize::core
