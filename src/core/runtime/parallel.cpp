#include "core/runtime/parallel.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "core/runtime/error.hpp"
#include "core/runtime/threads.hpp"

namespace personalize::core {

namespace {

constexpr auto kPollInterval = std::chrono::milliseconds(10);

// Polls the host at intervals, between the pieces of work that run on the calling thread.
class InlinePoll {
  public:
    explicit InlinePoll(Host& host) : host_(host), outer_(current) { current = this; }
    ~InlinePoll() { current = outer_; }
    InlinePoll(const InlinePoll&) = delete;
    InlinePoll& operator=(const InlinePoll&) = delete;

    void poll() {
        const auto now = std::chrono::steady_clock::now();
        if (now - last_ < kPollInterval) return;
        host_.poll();
        last_ = std::chrono::steady_clock::now();
    }

    static thread_local InlinePoll* current;

  private:
    Host& host_;
    InlinePoll* const outer_;
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

thread_local InlinePoll* InlinePoll::current = nullptr;

class Team final : public ThreadOwner {
  public:
    Team(std::int64_t chunks, const MakeBody& make_body) : chunks_(chunks), make_body_(make_body) {}
    ~Team() { stop(); }

    void start(int threads) {
        threads_.reserve(static_cast<std::size_t>(threads));
        running_ = threads;
        for (int k = 0; k < threads; k++) {
            try {
                threads_.push_back(start_thread([this] { work(); }));
            } catch (...) {
                finish(threads - k);
                throw;
            }
        }
    }

    void wait(Host& host) {
        std::unique_lock lock(mutex_);
        while (!done_.wait_for(lock, kPollInterval, [this] { return running_ == 0; })) {
            lock.unlock();
            host.poll();
            lock.lock();
        }
        lock.unlock();
        join();
        if (error_) std::rethrow_exception(error_);
    }

    bool stopping() const noexcept { return stop_.load(std::memory_order_relaxed); }

    void stop() noexcept override {
        stop_ = true;
        join();
    }

    static thread_local const Team* working_for;  // on a worker: its team

  private:
    void work() noexcept {
        try {
            working_for = this;
            const ChunkBody body = make_body_();
            for (std::int64_t c; !stopping() && (c = next_.fetch_add(1)) < chunks_;) body(c);
        } catch (...) {
            const std::lock_guard lock(mutex_);
            if (!error_) error_ = std::current_exception();
            stop_ = true;
        }
        finish(1);
    }

    void finish(int workers) {
        const std::lock_guard lock(mutex_);
        running_ -= workers;
        if (running_ == 0) done_.notify_all();
    }

    void join() noexcept {
        for (auto& thread : threads_) thread.join();
        threads_.clear();
    }

    const std::int64_t chunks_;
    const MakeBody& make_body_;
    std::atomic<std::int64_t> next_{0};
    std::atomic<bool> stop_{false};
    std::vector<std::thread> threads_;
    std::mutex mutex_;
    std::condition_variable done_;
    int running_ = 0;
    std::exception_ptr error_;
};

thread_local const Team* Team::working_for = nullptr;

void run_inline(Host& host, std::int64_t chunks, const MakeBody& make_body) {
    InlinePoll inline_poll(host);
    const ChunkBody body = make_body();
    for (std::int64_t chunk = 0; chunk < chunks; chunk++) {
        body(chunk);
        inline_poll.poll();
    }
}

}  // namespace

void parallel_chunks(Host& host, int threads, std::int64_t chunks, const MakeBody& make_body) {
    host.poll();
    if (chunks == 0) return;
    threads = static_cast<int>(std::min<std::int64_t>(threads, chunks));
    if (threads <= 1) {
        run_inline(host, chunks, make_body);
        return;
    }
    Team team(chunks, make_body);
    team.start(threads);
    team.wait(host);
}

void stop_point() {
    if (InlinePoll::current != nullptr) InlinePoll::current->poll();
    if (Team::working_for != nullptr && Team::working_for->stopping()) throw Cancelled{};
}

}  // namespace personalize::core
