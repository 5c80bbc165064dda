// Memory for large arrays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace personalize::core {

// At a 64-byte boundary, not initialized, and in huge pages where the kernel gives them: to touch an array
// for the first time in pages of 4 kB can take longer than to fill it. Throws std::bad_alloc.
void* allocate_bulk(std::size_t bytes);
// Whether that memory is zero already: pages fresh from the kernel, which are made when they are first
// touched.
bool bulk_is_zero(std::size_t bytes) noexcept;
void free_bulk(void* memory, std::size_t bytes) noexcept;  // bytes: as allocated

template <class T>
struct BulkAllocator {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    using value_type = T;

    BulkAllocator() = default;
    template <class U>
    explicit BulkAllocator(const BulkAllocator<U>&) noexcept {}

    T* allocate(std::size_t count) {
        if (count > static_cast<std::size_t>(-1) / sizeof(T)) throw std::bad_array_new_length();
        return static_cast<T*>(allocate_bulk(count * sizeof(T)));
    }
    void deallocate(T* elements, std::size_t count) noexcept { free_bulk(elements, count * sizeof(T)); }

    template <class U>
    void construct(U* element) noexcept {
        ::new (static_cast<void*>(element)) U;
    }
    template <class U, class... Arguments>
    void construct(U* element, Arguments&&... arguments) {
        ::new (static_cast<void*>(element)) U(std::forward<Arguments>(arguments)...);
    }
    friend bool operator==(const BulkAllocator&, const BulkAllocator&) { return true; }
};

// What resize() adds is not initialized.
template <class T>
using BulkVector = std::vector<T, BulkAllocator<T>>;

}  // namespace personalize::core
