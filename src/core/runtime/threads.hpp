// Threads that live inside one call of the calling thread, and can be stopped from wherever it is.
#pragma once

#include <functional>
#include <thread>

namespace personalize::core {

// A thread that no signal reaches: they are the calling thread's. Throws std::system_error.
std::thread start_thread(std::function<void()> body);

// One who has threads running, from its construction to its destruction, both by the calling thread.
class ThreadOwner {
  public:
    ThreadOwner(const ThreadOwner&) = delete;
    ThreadOwner& operator=(const ThreadOwner&) = delete;

    // Tells the threads to stop, and joins them; a no-op where there are none left.
    virtual void stop() noexcept = 0;

  protected:
    ThreadOwner() noexcept;
    ~ThreadOwner();

  private:
    friend void stop_workers() noexcept;
    ThreadOwner* outer_;
};

// Stops the threads of all owners. For exit paths that run no destructors; otherwise a no-op.
void stop_workers() noexcept;

}  // namespace personalize::core
