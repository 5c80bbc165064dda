#include "pg/model_store/cache_files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pg/bridge/guard.hpp"

namespace personalize::pg {

namespace {

constexpr const char* kDirectory = "base/pgsql_tmp";

class File {
  public:
    explicit File(int descriptor) : descriptor_(descriptor) {}
    ~File() { close(); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    bool is_open() const noexcept { return descriptor_ >= 0; }
    int descriptor() const noexcept { return descriptor_; }
    bool close() noexcept { return descriptor_ < 0 || ::close(std::exchange(descriptor_, -1)) == 0; }

  private:
    int descriptor_;
};

struct CloseDirectory {
    void operator()(DIR* directory) const noexcept { closedir(directory); }
};

std::string hex(const VersionId& id) {
    constexpr const char* kDigits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : id) {
        text += kDigits[byte >> 4];
        text += kDigits[byte & 15];
    }
    return text;
}

// The prefix is PostgreSQL's own for temporary files, so that it cleans up after a crash.
std::string name_prefix() { return "pgsql_tmp_personalize." + std::to_string(MyDatabaseId) + "."; }
std::string path(const VersionId& id) { return std::string(kDirectory) + "/" + name_prefix() + hex(id); }

bool write_all(int descriptor, std::span<const std::byte> bytes) noexcept {
    while (!bytes.empty()) {
        const ssize_t written = write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return true;
}

bool write_file(const std::string& name, std::span<const std::byte> bytes) {
    constexpr std::size_t kPiece = std::size_t{1} << 20;
    File file(open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, pg_file_create_mode));
    bool written = file.is_open();
    for (; written && !bytes.empty(); bytes = bytes.subspan(std::min(kPiece, bytes.size()))) {
        checkpoint();
        written = write_all(file.descriptor(), bytes.first(std::min(kPiece, bytes.size())));
    }
    return file.close() && written;  // a full disk may show at the end only
}

// A name that leads to no file before and after, unless the file is renamed.
class TemporaryName {
  public:
    explicit TemporaryName(std::string name) : name_(std::move(name)) { unlink(name_.c_str()); }
    ~TemporaryName() { unlink(name_.c_str()); }
    TemporaryName(const TemporaryName&) = delete;
    TemporaryName& operator=(const TemporaryName&) = delete;
    const std::string& operator*() const noexcept { return name_; }

  private:
    std::string name_;
};

// Paths, made ahead: a transaction that has committed cannot fail any more. Never destroyed.
std::vector<std::string>& doomed() {
    static auto* const paths = new std::vector<std::string>;
    return *paths;
}

void at_transaction_end(XactEvent event, void*) {
    if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT) return;
    if (event == XACT_EVENT_COMMIT)
        for (const std::string& name : doomed()) unlink(name.c_str());
    doomed().clear();
}

}  // namespace

Mapping::~Mapping() {
    if (data_ != nullptr) munmap(const_cast<std::byte*>(data_), size_);
}

namespace cache_files {

std::optional<Mapping> map(const VersionId& id, std::size_t size) {
    const File file(open(path(id).c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status;
    if (!file.is_open() || fstat(file.descriptor(), &status) != 0) return std::nullopt;
    if (static_cast<std::size_t>(status.st_size) != size || size == 0) return std::nullopt;
    void* data = mmap(nullptr, size, PROT_READ, MAP_SHARED, file.descriptor(), 0);
    if (data == MAP_FAILED) return std::nullopt;
    return Mapping(static_cast<const std::byte*>(data), size);
}

bool publish(const VersionId& id, std::span<const std::byte> image) {
    mkdir(kDirectory, pg_dir_create_mode);
    const std::string name = path(id);
    const TemporaryName temporary(name + "." + std::to_string(MyProcPid));
    return write_file(*temporary, image) && rename((*temporary).c_str(), name.c_str()) == 0;
}

void remove_at_commit(const VersionId& id) { doomed().push_back(path(id)); }

void sweep(const std::set<VersionId>& alive) {
    std::set<std::string> keep;
    for (const VersionId& id : alive) keep.insert(name_prefix() + hex(id));
    const std::unique_ptr<DIR, CloseDirectory> directory(opendir(kDirectory));
    if (directory == nullptr) return;
    const std::string prefix = name_prefix();
    while (const dirent* entry = readdir(directory.get())) {
        const std::string name = entry->d_name;
        const bool published = name.size() == prefix.size() + 2 * UUID_LEN;  // not one that is being written
        if (published && name.starts_with(prefix) && !keep.contains(name))
            unlink((std::string(kDirectory) + "/" + name).c_str());
    }
}

void follow_transactions() {
    doomed();
    RegisterXactCallback(at_transaction_end, nullptr);
}

}  // namespace cache_files
}  // namespace personalize::pg
