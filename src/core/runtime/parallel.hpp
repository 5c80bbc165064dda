// Workers that live inside one call. They touch plain memory only; the calling thread waits and polls the
// host.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "core/runtime/host.hpp"

namespace personalize::core {

// A piece of work for one thread: called with the number of a chunk, in [0, chunks).
using ChunkBody = std::function<void(std::int64_t chunk)>;
// Called once per thread, on that thread, to set up its scratch memory; returns what it runs for each chunk.
using MakeBody = std::function<ChunkBody()>;

// Runs every chunk once, on `threads` threads (1: inline, on the calling thread), each taking the next free
// chunk. Chunks must not depend on one another, and their boundaries must not depend on `threads`: then
// neither does the result. A chunk should take at most a few milliseconds, because cancelling waits for the
// running ones. Throws what host.poll() or a body threw, after all threads have been joined. All signals are
// blocked in workers.
void parallel_chunks(Host& host, int threads, std::int64_t chunks, const MakeBody& make_body);

// For bodies whose chunks may take longer than that: to be called every millisecond or so of work. Throws
// what ends the computation; on the calling thread it polls the host. Does nothing outside of
// parallel_chunks().
void stop_point();

// What a body gives to functions that want a host.
class StoppingHost : public Host {
  public:
    void poll() override { stop_point(); }
};

}  // namespace personalize::core
