#include "core/runtime/bulk_memory.hpp"

#include <sys/mman.h>

namespace personalize::core {

namespace {

constexpr std::size_t kHugePage = std::size_t{1} << 21;
constexpr std::align_val_t kAlignment{64};

std::size_t whole_pages(std::size_t bytes) { return (bytes + kHugePage - 1) / kHugePage * kHugePage; }

// At a boundary of huge pages: what is mapped too much before and behind is given back.
void* map_pages(std::size_t size) {
    void* const mapped =
        mmap(nullptr, size + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    auto* const start = static_cast<std::byte*>(mapped);
    const std::size_t before = (kHugePage - reinterpret_cast<std::uintptr_t>(start) % kHugePage) % kHugePage;
    if (before > 0) munmap(start, before);
    munmap(start + before + size, kHugePage - before);
    return start + before;
}

}  // namespace

bool bulk_is_zero(std::size_t bytes) noexcept { return bytes >= kHugePage; }

// Large arrays are mappings of their own, so that the advice ends with them and their memory is given back at
// once.
void* allocate_bulk(std::size_t bytes) {
    if (!bulk_is_zero(bytes)) return ::operator new(bytes, kAlignment);
    if (bytes > SIZE_MAX - 2 * kHugePage) throw std::bad_alloc();
    void* const memory = map_pages(whole_pages(bytes));
#ifdef MADV_HUGEPAGE
    // Not of the page that is used in part: it would take more memory than was asked for.
    madvise(memory, bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
#endif
    return memory;
}

void free_bulk(void* memory, std::size_t bytes) noexcept {
    if (!bulk_is_zero(bytes))
        ::operator delete(memory, kAlignment);
    else
        munmap(memory, whole_pages(bytes));
}

}  // namespace personalize::core
