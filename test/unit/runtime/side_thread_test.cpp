#include "core/runtime/side_thread.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace personalize::core {
namespace {

TEST(SideThread, RunsJobsInOrderOnAnotherThread) {
    std::vector<int> order;
    std::thread::id ran_on;
    SideThread thread;
    for (int k = 0; k < 1000; k++)
        thread.give([&, k] {
            order.push_back(k);
            ran_on = std::this_thread::get_id();
        });
    thread.finish();
    ASSERT_EQ(order.size(), 1000u);
    for (int k = 0; k < 1000; k++) EXPECT_EQ(order[k], k);
    EXPECT_NE(ran_on, std::this_thread::get_id());
    thread.give([&] { order.clear(); });  // it can go on
    thread.finish();
    EXPECT_TRUE(order.empty());
}

TEST(SideThread, PassesOnWhatAJobThrowsAndDropsTheRest) {
    std::atomic<int> ran = 0;
    SideThread thread;
    thread.give([] { throw std::out_of_range("seventh"); });
    EXPECT_THROW(
        {
            for (int k = 0; k < 100; k++) thread.give([&] { ran++; });
            thread.finish();
        },
        std::out_of_range);
    EXPECT_THROW(thread.finish(), std::out_of_range);
    EXPECT_EQ(ran, 0);
}

TEST(SideThread, DropsWhatHasNotBegun) {
    std::atomic<bool> go = false;
    std::atomic<int> ran = 0;
    std::thread release;
    {
        SideThread thread;
        for (int k = 0; k < 5; k++)
            thread.give([&] {
                while (!go) std::this_thread::yield();
                ran++;
            });
        release = std::thread([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            go = true;
        });
    }
    release.join();
    EXPECT_LE(ran, 1);
}

TEST(SideThread, NoSignalReachesIt) {
    sigset_t blocked;
    SideThread thread;
    thread.give([&] { pthread_sigmask(SIG_SETMASK, nullptr, &blocked); });
    thread.finish();
    EXPECT_TRUE(sigismember(&blocked, SIGTERM) && sigismember(&blocked, SIGINT) &&
                sigismember(&blocked, SIGALRM));
}

TEST(SideThread, IsStoppedWithAllOthers) {
    SideThread outer;
    {
        SideThread inner;
        inner.give([] {});
    }
    std::atomic<int> ran = 0;
    outer.give([&] { ran++; });
    outer.finish();
    SideThread another;
    stop_workers();  // joins both
    EXPECT_EQ(ran, 1);
}

}  // namespace
}  // namespace personalize::core
