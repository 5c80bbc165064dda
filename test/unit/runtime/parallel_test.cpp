#include "core/runtime/parallel.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "core/runtime/error.hpp"
#include "core/runtime/threads.hpp"

namespace personalize::core {
namespace {

using std::chrono::milliseconds;

std::ptrdiff_t threads_of_process() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
}

// The kernel lists a thread for a moment after it was joined.
std::ptrdiff_t threads_left(std::ptrdiff_t expected) {
    for (int k = 0; k < 1000 && threads_of_process() != expected; k++)
        std::this_thread::sleep_for(milliseconds(2));
    return threads_of_process();
}

MakeBody always(const ChunkBody& body) {
    return [body] { return body; };
}

struct CancellingHost : Host {
    int polls = 0, allowed = 1;
    void poll() override {
        if (++polls > allowed) throw Cancelled{};
    }
};

class Parallel : public testing::TestWithParam<int> {
  protected:
    Parallel() : threads_before_(threads_of_process()) {}
    ~Parallel() override { EXPECT_EQ(threads_left(threads_before_), threads_before_); }
    const std::ptrdiff_t threads_before_;
};

TEST_P(Parallel, RunsEveryChunkOnce) {
    std::vector<int> runs(1000);
    QuietHost host;
    parallel_chunks(host, GetParam(), 1000, always([&](std::int64_t chunk) { runs[chunk]++; }));
    EXPECT_EQ(runs, std::vector<int>(1000, 1));
}

TEST_P(Parallel, NoChunks) {
    QuietHost host;
    parallel_chunks(host, GetParam(), 0, always([](std::int64_t) { FAIL(); }));
}

TEST_P(Parallel, MakesOneBodyPerThread) {
    QuietHost host;
    std::mutex mutex;
    int bodies = 0;
    parallel_chunks(host, GetParam(), 100, [&]() -> ChunkBody {
        const std::lock_guard lock(mutex);
        bodies++;
        return [](std::int64_t) {};
    });
    EXPECT_EQ(bodies, GetParam());
}

TEST_P(Parallel, PassesOnWhatABodyThrows) {
    QuietHost host;
    const auto body = [](std::int64_t chunk) {
        if (chunk == 7) throw std::runtime_error("seven");
    };
    EXPECT_THROW(parallel_chunks(host, GetParam(), 100, always(body)), std::runtime_error);
    EXPECT_THROW(parallel_chunks(host, GetParam(), 100, []() -> ChunkBody { throw std::bad_alloc(); }),
                 std::bad_alloc);
}

TEST_P(Parallel, PollCancels) {
    CancellingHost host;
    const auto began = std::chrono::steady_clock::now();
    const auto body = [](std::int64_t) { std::this_thread::sleep_for(milliseconds(2)); };
    EXPECT_THROW(parallel_chunks(host, GetParam(), 5000, always(body)), Cancelled);
    EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds(1000));
}

TEST_P(Parallel, StopPointsCancelWithinAChunk) {
    CancellingHost host;
    const auto body = [](std::int64_t) {
        for (int k = 0; k < 5000; k++) {
            std::this_thread::sleep_for(milliseconds(2));
            stop_point();
        }
    };
    EXPECT_THROW(parallel_chunks(host, GetParam(), 3, always(body)), Cancelled);
}

TEST_P(Parallel, PollsWhileWorking) {
    CancellingHost host;
    host.allowed = 1'000'000;
    const auto body = [](std::int64_t) { std::this_thread::sleep_for(milliseconds(5)); };
    parallel_chunks(host, GetParam(), 60, always(body));
    EXPECT_GE(host.polls, 60 * 5 / GetParam() / 40);
}

INSTANTIATE_TEST_SUITE_P(Threads, Parallel, testing::Values(1, 2, 3));

TEST(Workers, BlockAllSignals) {
    QuietHost host;
    std::mutex mutex;
    bool blocked = true, own = false;
    const auto caller = std::this_thread::get_id();
    parallel_chunks(host, 2, 50, always([&](std::int64_t) {
                        sigset_t mask;
                        pthread_sigmask(SIG_SETMASK, nullptr, &mask);
                        const std::lock_guard lock(mutex);
                        own = own || std::this_thread::get_id() == caller;
                        for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGALRM, SIGHUP, SIGQUIT})
                            blocked = blocked && sigismember(&mask, signal) == 1;
                    }));
    EXPECT_TRUE(blocked);
    EXPECT_FALSE(own);
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    EXPECT_EQ(sigismember(&mask, SIGTERM), 0);
}

struct LeavingHost : Host {
    int polls = 0;
    void poll() override {
        if (++polls == 3) stop_workers();  // as an exit handler does
    }
};

TEST(Workers, StopOnDemand) {
    const std::ptrdiff_t before = threads_of_process();
    LeavingHost host;
    std::atomic<int> done{0};
    const auto body = [&](std::int64_t) {
        std::this_thread::sleep_for(milliseconds(5));
        done++;
    };
    try {
        parallel_chunks(host, 2, 10'000, always(body));
    } catch (const Cancelled&) {
    }
    EXPECT_LT(done, 10'000);
    EXPECT_EQ(threads_left(before), before);
    stop_workers();
}

TEST(StopPoint, DoesNothingElsewhere) { stop_point(); }

}  // namespace
}  // namespace personalize::core
