#include "core/runtime/memory_budget.hpp"

#include <string>

#include "core/runtime/error.hpp"

namespace personalize::core {

namespace {

std::string megabytes(std::size_t bytes) { return std::to_string((bytes + (1u << 20) - 1) >> 20) + " MB"; }

}  // namespace

MemoryLimitExceeded::MemoryLimitExceeded(const std::string& what, std::size_t needed, std::size_t limit,
                                         const char* hint)
    : Error(what + " would need " + megabytes(needed) + " of memory, and the limit is " + megabytes(limit),
            hint) {}

void MemoryBudget::reserve(std::size_t bytes, const char* what, const char* hint) {
    if (bytes > limit_ || used_ > limit_ - bytes) {
        const std::size_t needed = used_ + bytes < bytes ? bytes : used_ + bytes;
        throw MemoryLimitExceeded(what, needed, limit_, hint);
    }
    used_ += bytes;
}

}  // namespace personalize::core
