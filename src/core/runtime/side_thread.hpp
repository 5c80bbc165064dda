// A thread beside the calling thread, for work that can wait while the caller goes on.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

#include "core/runtime/threads.hpp"

namespace personalize::core {

// Runs jobs one after the other, in the order in which they are given. They touch plain memory only, and take
// some milliseconds at most, because the caller waits for them without polling.
class SideThread final : public ThreadOwner {
  public:
    using Job = std::function<void()>;

    SideThread();   // where no thread can be had, give() runs the jobs
    ~SideThread();  // drops the jobs that have not begun

    // Waits while kMostWaiting jobs wait. Throws what an earlier job threw: the later ones are dropped.
    void give(Job job);
    // Waits for all jobs. Throws what one threw.
    void finish();
    void stop() noexcept override;

  private:
    static constexpr std::size_t kMostWaiting = 8;
    void work() noexcept;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Job> waiting_;
    bool running_ = false;  // a job
    bool stop_ = false;
    std::exception_ptr error_;
    std::thread thread_;
};

}  // namespace personalize::core
