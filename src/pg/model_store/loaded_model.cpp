#include "pg/model_store/loaded_model.hpp"

#include <algorithm>
#include <list>
#include <set>

#include "pg/bridge/pg_host.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/model_store/locks.hpp"
#include "pg/model_store/store_tables.hpp"
#include "pg/sources/columns.hpp"

namespace personalize::pg {

namespace {

constexpr std::size_t kKeptModels = 32;

// Copies a version's blocks to their places. Inside call(). Returns the number of bytes found.
std::int64_t copy_blocks(const VersionId& id, std::byte* image, std::int64_t size) {
    ScanKeyData key = store::uuid_key(store::kBlockVersionId, id.data());
    std::int64_t copied = 0;
    store::scan("model_block", "model_block_pkey", 1, &key, [&](HeapTuple tuple, TupleDesc description) {
        CHECK_FOR_INTERRUPTS();
        bool is_null;
        const std::int64_t number =
            DatumGetInt32(heap_getattr(tuple, store::kBlockNumber, description, &is_null));
        const Datum value = heap_getattr(tuple, store::kBlockBytes, description, &is_null);
        auto* stored = reinterpret_cast<varlena*>(DatumGetPointer(value));
        varlena* bytes = pg_detoast_datum_packed(stored);
        const std::int64_t length = VARSIZE_ANY_EXHDR(bytes), at = number * store::kBytesPerBlock;
        if (number >= 0 && length <= store::kBytesPerBlock && at <= size && length <= size - at) {
            memcpy(image + at, VARDATA_ANY(bytes), length);
            copied += length;
        }
        if (bytes != stored) pfree(bytes);
        return true;
    });
    return copied;
}

core::ModelBytes read_image(const VersionRow& row) {
    if (row.image_bytes <= 0)
        throw core::CorruptModel("its stated size is " + std::to_string(row.image_bytes));
    const auto size = static_cast<std::size_t>(row.image_bytes);
    core::MemoryBudget(settings::max_memory()).reserve(size, "the model");
    core::ModelBytes image(size);
    std::fill_n(image.data(), size, std::byte{0});
    const std::int64_t copied =
        call([&row, data = image.data()] { return copy_blocks(row.id, data, row.image_bytes); });
    if (copied != row.image_bytes)
        throw core::CorruptModel("its blocks hold " + std::to_string(copied) + " of " +
                                 std::to_string(row.image_bytes) + " bytes");
    checkpoint();
    if (core::stated_checksum(image) != row.image_checksum)
        throw core::CorruptModel("its checksum is not the stated one");
    checkpoint();
    core::check_model_image(image);
    return image;
}

std::set<VersionId> versions_alive() {
    std::set<VersionId> alive;
    call([&alive] {
        store::scan("model", "model_version_id_key", 0, nullptr,
                    [&alive](HeapTuple tuple, TupleDesc description) {
                        bool is_null;
                        const Datum id = heap_getattr(tuple, store::kVersionId, description, &is_null);
                        VersionId version;
                        memcpy(version.data(), DatumGetUUIDP(id)->data, UUID_LEN);
                        guarded([&] { alive.insert(version); });
                        return true;
                    });
    });
    return alive;
}

std::optional<Mapping> map_cached(const VersionRow& row) {
    auto mapping =
        cache_files::map(row.id, static_cast<std::size_t>(std::max<std::int64_t>(row.image_bytes, 0)));
    if (mapping && !core::states_checksum(*mapping, row.image_checksum)) return std::nullopt;
    return mapping;
}

// Of simultaneous misses one builds the file and the others wait for it.
LoadedModel::Image build_image(const VersionRow& row) {
    const CacheBuildLock lock(row.id);
    if (auto mapping = map_cached(row)) return std::move(*mapping);
    core::ModelBytes image = read_image(row);
    cache_files::sweep(versions_alive());
    if (cache_files::publish(row.id, image))
        if (auto mapping = map_cached(row)) return std::move(*mapping);
    return image;
}

LoadedModel::Image find_image(const VersionRow& row) {
    if (auto mapping = map_cached(row)) return std::move(*mapping);
    return build_image(row);
}

std::span<const std::byte> bytes_of(const LoadedModel::Image& image) {
    return std::visit([](const auto& i) { return std::span<const std::byte>(i); }, image);
}

// Never destroyed: at exit there is no PostgreSQL left to give plans back to.
std::list<std::shared_ptr<LoadedModel>>& kept_models() {
    static auto* const kept = new std::list<std::shared_ptr<LoadedModel>>;
    return *kept;
}

}  // namespace

LoadedModel::LoadedModel(std::string name, const VersionRow& row, Image image)
    : name_(std::move(name)),
      row_(row),
      image_(std::move(image)),
      parts_(core::open_model_image(bytes_of(image_))),
      source_(read_source(name_, row.id)),
      recommender_(core::make_recommender(parts_)) {}

std::span<const std::byte> LoadedModel::image() const noexcept { return bytes_of(image_); }

core::ItemSet& LoadedModel::item_set() {
    if (!item_set_) item_set_.emplace().reset(parts_.items.size());
    return *item_set_;
}

namespace {

std::shared_ptr<LoadedModel> load_any(const std::string& name, Purpose purpose) {
    const VersionRow row = usable_version(name, purpose);
    auto& kept = kept_models();
    const auto found =
        std::find_if(kept.begin(), kept.end(), [&](const auto& m) { return m->row().id == row.id; });
    if (found != kept.end()) {
        kept.splice(kept.begin(), kept, found);
        return kept.front();
    }
    auto model = naming_model(name, row.version,
                              [&] { return std::make_shared<LoadedModel>(name, row, find_image(row)); });
    kept.remove_if([&](const auto& m) { return m->name() == name; });
    kept.push_front(model);
    if (kept.size() > kKeptModels) kept.pop_back();
    return model;
}

bool has_segments(const LoadedModel& model) noexcept {
    return model.parts().kind == core::ModelKind::segments;
}

}  // namespace

std::shared_ptr<LoadedModel> load_model(const std::string& name) {
    auto model = load_any(name, Purpose::recommending);
    if (!has_segments(*model)) return model;
    throw SqlError(
        ERRCODE_WRONG_OBJECT_TYPE, "model \"" + name + "\" holds segments, and recommends nothing",
        "Use assign_segment() and segment_profile() with it, or name a model of train_mf, train_knn "
        "or the like.");
}

std::shared_ptr<LoadedModel> load_segments(const std::string& name) {
    auto model = load_any(name, Purpose::segments);
    if (has_segments(*model)) return model;
    throw SqlError(ERRCODE_WRONG_OBJECT_TYPE, "model \"" + name + "\" holds no segments",
                   "Name a model of train_kmeans or train_dbscan.");
}

core::SegmentAssigner& LoadedModel::segments() {
    if (segments_) return *segments_;
    // What is decoded takes as much as its bytes, and so does what rows are compared with.
    core::MemoryBudget(settings::max_memory()).reserve(2 * parts_.payload.size(), "the segments");
    naming_model(name_, row_.version, [this] {
        PgHost host;
        auto model = std::make_shared<core::SegmentModel>(core::read_segment_model(parts_.payload));
        segments_ = std::make_unique<core::SegmentAssigner>(std::move(model), host);
    });
    return *segments_;
}

std::string LoadedModel::ratings_of_user_sql(Oid relation) const {
    return "SELECT " + sources::columns_of_row(relation, source_, parts_.items.type()) + " FROM " +
           quoted(source_.schema) + "." + quoted(source_.relation) + " AS s WHERE s." +
           quoted(source_.user_column) + " OPERATOR(pg_catalog.=) $1";
}

// The server follows all changes of the source but one: how a time is read depends on its type.
std::shared_ptr<KeptQuery> LoadedModel::ratings_of_user(Oid relation) {
    if (kept_query_ && !source_.time_column) return kept_query_;
    return kept_query(ratings_of_user_sql(relation), sources::parameter_type(parts_.users.type()));
}

std::shared_ptr<KeptQuery> LoadedModel::kept_query(std::string sql, Oid parameter) {
    if (!kept_query_ || sql != kept_sql_) {
        kept_query_ = std::make_shared<KeptQuery>(sql, parameter);
        kept_sql_ = std::move(sql);
    }
    return kept_query_;
}

}  // namespace personalize::pg
