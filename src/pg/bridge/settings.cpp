#include "pg/bridge/settings.hpp"

#include <algorithm>
#include <thread>

#include "pg/bridge/guard.hpp"

namespace personalize::pg::settings {

namespace {

constexpr int kMaxThreads = 256;
constexpr int kDefaultMaxMemoryKb = 4 * 1024 * 1024;
constexpr int kMinMaxMemoryKb = 1024;
constexpr int kDefaultKeepVersions = 2, kMaxKeepVersions = 1000;

int threads_value = 1;
int max_memory_value = kDefaultMaxMemoryKb;
int keep_versions_value = kDefaultKeepVersions;

}  // namespace

void define() {
    const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    DefineCustomIntVariable("personalize.threads", "Threads that a training or a bulk recommendation uses.",
                            "1 runs in the backend's own thread. Results do not depend on it.",
                            &threads_value, std::min(4, cores), 1, kMaxThreads, PGC_USERSET, 0, nullptr,
                            nullptr, nullptr);
    DefineCustomIntVariable(
        "personalize.max_memory", "Memory that one training, or making the cache of a model, may take.",
        "A call that would need more is refused before it allocates.", &max_memory_value, kDefaultMaxMemoryKb,
        kMinMaxMemoryKb, MAX_KILOBYTES, PGC_USERSET, GUC_UNIT_KB, nullptr, nullptr, nullptr);
    DefineCustomIntVariable(
        "personalize.keep_versions", "Versions of a model that stay after it is trained again.",
        "The newest ones stay, for activate_model().", &keep_versions_value, kDefaultKeepVersions, 1,
        kMaxKeepVersions, PGC_USERSET, 0, nullptr, nullptr, nullptr);
    MarkGUCPrefixReserved("personalize");
}

int threads() noexcept { return threads_value; }
std::size_t max_memory() noexcept { return static_cast<std::size_t>(max_memory_value) * 1024; }
int keep_versions() noexcept { return keep_versions_value; }

}  // namespace personalize::pg::settings
