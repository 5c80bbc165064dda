// Polls the host once for 262,144 small steps: some milliseconds of work, even where each misses the cache.
#pragma once

#include <cstdint>

#include "core/runtime/host.hpp"

namespace personalize::core {

class PollCounter {
  public:
    explicit PollCounter(Host& host) : host_(host) {}
    void count(std::int64_t steps = 1) {
        if ((left_ -= steps) < 0) poll();
    }

  private:
    static constexpr std::int64_t kSteps = std::int64_t{1} << 18;
    void poll() {
        left_ = kSteps;
        host_.poll();
    }

    Host& host_;
    std::int64_t left_ = kSteps;
};

}  // namespace personalize::core
