// Large computations in a backend that may live for days.
#pragma once

#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace personalize::pg {

// Declared before what a computation allocates: at its end, however it ends, the system gets the memory back.
// glibc would keep tens of megabytes of it in this backend.
class ReturnsUnusedMemory {
  public:
    ReturnsUnusedMemory() = default;
    ~ReturnsUnusedMemory() {
#ifdef __GLIBC__
        malloc_trim(0);
#endif
    }
    ReturnsUnusedMemory(const ReturnsUnusedMemory&) = delete;
    ReturnsUnusedMemory& operator=(const ReturnsUnusedMemory&) = delete;
};

}  // namespace personalize::pg
