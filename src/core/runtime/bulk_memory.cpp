#include "core/runtime/bulk_memory.hpp"

#include <sys/mman.h>

namespace personalize::core {

namespace {

constexpr std::size_t kHugePage = std::size_t{1} << 21;

std::align_val_t alignment(std::size_t bytes) { return std::align_val_t{bytes < kHugePage ? 64 : kHugePage}; }

}  // namespace

void* allocate_bulk(std::size_t bytes) {
    void* const memory = ::operator new(bytes, alignment(bytes));
#ifdef MADV_HUGEPAGE
    // Of whole pages only, so that the last one takes no more memory than asked for.
    if (bytes >= kHugePage) madvise(memory, bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
#endif
    return memory;
}

void free_bulk(void* memory, std::size_t bytes) noexcept {
    ::operator delete(memory, bytes, alignment(bytes));
}

}  // namespace personalize::core
