// What the core asks of the program that runs it.
#pragma once

#include <cstdint>

namespace personalize::core {

// Called on the thread that called the core, never on a worker.
class Host {
  public:
    virtual ~Host() = default;

    // Called at least every 20 ms. Throws whatever should end the computation; every exception unwinds
    // through the core after its workers have been joined.
    virtual void poll() = 0;

    // An iteration has ended: `iteration` of `iterations`, with the objective's value.
    virtual void iteration_done([[maybe_unused]] int iteration, [[maybe_unused]] int iterations,
                                [[maybe_unused]] double loss) {}
};

// For programs that neither cancel nor watch: unit tests, benchmarks.
class QuietHost : public Host {
  public:
    void poll() override {}
};

}  // namespace personalize::core
