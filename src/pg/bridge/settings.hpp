// The extension's settings (GUCs).
#pragma once

#include <cstddef>

namespace personalize::pg::settings {

void define();  // once, from _PG_init

int threads() noexcept;             // personalize.threads: workers of a training, 1 runs inline
std::size_t max_memory() noexcept;  // personalize.max_memory in bytes: what one call may allocate for itself
int keep_versions() noexcept;  // personalize.keep_versions: versions of a model that stay after a training

}  // namespace personalize::pg::settings
