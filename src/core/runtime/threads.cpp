#include "core/runtime/threads.hpp"

#include <pthread.h>
#include <signal.h>

#include <utility>

namespace personalize::core {

namespace {

// Threads inherit the mask of their creator.
class AllSignalsBlocked {
  public:
    AllSignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~AllSignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    AllSignalsBlocked(const AllSignalsBlocked&) = delete;
    AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

  private:
    sigset_t before_;
};

ThreadOwner* innermost = nullptr;

}  // namespace

std::thread start_thread(std::function<void()> body) {
    const AllSignalsBlocked blocked;
    return std::thread(std::move(body));
}

ThreadOwner::ThreadOwner() noexcept : outer_(innermost) { innermost = this; }
ThreadOwner::~ThreadOwner() {
    ThreadOwner** link = &innermost;
    while (*link != this) link = &(*link)->outer_;
    *link = outer_;
}

void stop_workers() noexcept {
    for (ThreadOwner* owner = innermost; owner != nullptr; owner = owner->outer_) owner->stop();
}

}  // namespace personalize::core
