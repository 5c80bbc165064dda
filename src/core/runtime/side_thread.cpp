#include "core/runtime/side_thread.hpp"

#include <system_error>
#include <utility>

namespace personalize::core {

SideThread::SideThread() {
    try {
        thread_ = start_thread([this] { work(); });
    } catch (const std::system_error&) {
    }
}

SideThread::~SideThread() { stop(); }

void SideThread::give(Job job) {
    if (!thread_.joinable()) return job();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_.size() < kMostWaiting || error_; });
    if (error_) std::rethrow_exception(error_);
    waiting_.push_back(std::move(job));
    changed_.notify_all();
}

void SideThread::finish() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return (waiting_.empty() && !running_) || error_; });
    if (error_) std::rethrow_exception(error_);
}

void SideThread::stop() noexcept {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void SideThread::work() noexcept {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return !waiting_.empty() || stop_; });
        if (stop_) return;
        const Job job = std::move(waiting_.front());
        waiting_.pop_front();
        running_ = true;
        lock.unlock();
        std::exception_ptr error;
        try {
            job();
        } catch (...) {
            error = std::current_exception();
        }
        lock.lock();
        running_ = false;
        if (error) {
            error_ = error;
            waiting_.clear();
        }
        changed_.notify_all();
        if (error_) return;
    }
}

}  // namespace personalize::core
