// Cache files: a model's image under base/pgsql_tmp, mapped read-only and shared by all backends.
//
// They are derived from the tables and may vanish at any time: the server removes them at start and leaves
// them out of base backups. A published file is never written to again, only unlinked; mappings outlive that.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <span>

#include "pg/model_store/version_row.hpp"

namespace personalize::pg {

class Mapping {
  public:
    Mapping(const std::byte* data, std::size_t size) : data_(data), size_(size) {}
    ~Mapping();
    Mapping(Mapping&& other) noexcept : data_(other.data_), size_(other.size_) { other.data_ = nullptr; }
    Mapping& operator=(Mapping&&) = delete;
    operator std::span<const std::byte>() const noexcept { return {data_, size_}; }

  private:
    const std::byte* data_;
    std::size_t size_;
};

namespace cache_files {

// Nothing where there is no such file, or one of another size.
std::optional<Mapping> map(const VersionId& id, std::size_t size);

// Writes under a temporary name and renames. False where the directory or the disk does not take it. Can be
// cancelled. Nothing is left behind either way.
bool publish(const VersionId& id, std::span<const std::byte> image);

// Unlinks a version's file when this transaction commits.
void remove_at_commit(const VersionId& id);
// Unlinks this database's files of versions that are not in `alive`.
void sweep(const std::set<VersionId>& alive);

void follow_transactions();  // once, from _PG_init

}  // namespace cache_files
}  // namespace personalize::pg
