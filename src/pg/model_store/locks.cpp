#include "pg/model_store/locks.hpp"

#include <cstring>

namespace personalize::pg {

namespace {

// The fourth field of the tag tells these from pg_advisory_lock (1 and 2).
enum LockClass : std::uint16_t { kModelClaim = 0x7A01, kCacheBuild = 0x7A02 };

LOCKTAG lock_tag(std::uint64_t key, LockClass lock_class) {
    LOCKTAG tag;
    SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, static_cast<std::uint32_t>(key >> 32),
                         static_cast<std::uint32_t>(key), lock_class);
    return tag;
}

// FNV-1a, so that the key does not depend on the build.
std::uint64_t key_of(const std::string& name) {
    std::uint64_t hash = 0xCBF29CE484222325ull;
    for (const unsigned char c : name) hash = (hash ^ c) * 0x100000001B3ull;
    return hash;
}

std::uint64_t key_of(const VersionId& id) {
    std::uint64_t key;
    std::memcpy(&key, id.data(), sizeof key);
    return key;
}

}  // namespace

namespace {

// Until the transaction ends, or with `session` until it is released.
LOCKTAG claim(const std::string& model, bool session) {
    const LOCKTAG tag = lock_tag(key_of(model), kModelClaim);
    const auto result = call([&tag, session] { return LockAcquire(&tag, ExclusiveLock, session, true); });
    if (result != LOCKACQUIRE_NOT_AVAIL) return tag;
    throw SqlError(ERRCODE_OBJECT_IN_USE,
                   "model \"" + model + "\" is being trained or changed by another session",
                   "Wait for it to end; personalize.progress shows running trainings.");
}

}  // namespace

void claim_model(const std::string& model) { claim(model, false); }

ModelClaim::ModelClaim(const std::string& model) : tag_(claim(model, true)) {}

ModelClaim::~ModelClaim() { LockRelease(&tag_, ExclusiveLock, true); }

CacheBuildLock::CacheBuildLock(const VersionId& id) : tag_(lock_tag(key_of(id), kCacheBuild)) {
    call([this] { LockAcquire(&tag_, ExclusiveLock, false, false); });
}

CacheBuildLock::~CacheBuildLock() { LockRelease(&tag_, ExclusiveLock, false); }

}  // namespace personalize::pg
