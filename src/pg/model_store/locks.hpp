// Heavyweight locks: seen in pg_locks as advisory locks of this database, apart from those that users take.
#pragma once

#include <string>

#include "pg/model_store/version_row.hpp"

namespace personalize::pg {

// Claims a model for changing until the end of the transaction. Throws object_in_use while another session
// holds it.
void claim_model(const std::string& model);

// Claims a model as claim_model() does, over the transactions of a procedure.
class ModelClaim {
  public:
    explicit ModelClaim(const std::string& model);
    ~ModelClaim();
    ModelClaim(const ModelClaim&) = delete;
    ModelClaim& operator=(const ModelClaim&) = delete;

  private:
    LOCKTAG tag_;
};

// Held while a cache file is built; waits. Works on a standby.
class CacheBuildLock {
  public:
    explicit CacheBuildLock(const VersionId& id);
    ~CacheBuildLock();
    CacheBuildLock(const CacheBuildLock&) = delete;
    CacheBuildLock& operator=(const CacheBuildLock&) = delete;

  private:
    LOCKTAG tag_;
};

}  // namespace personalize::pg
