// A version of a model, ready to serve: its mapped image, its source and what serving keeps between calls.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "core/model/model_image.hpp"
#include "core/model/recommender.hpp"
#include "core/segments/segment_model.hpp"
#include "pg/bridge/read_rows.hpp"
#include "pg/model_store/cache_files.hpp"
#include "pg/model_store/version_row.hpp"

namespace personalize::pg {

class LoadedModel {
  public:
    using Image =
        std::variant<Mapping, core::ModelBytes>;  // shared, or private where no file could be written

    LoadedModel(std::string name, const VersionRow& row, Image image);

    const std::string& name() const noexcept { return name_; }
    const VersionRow& row() const noexcept { return row_; }
    const core::ModelParts& parts() const noexcept { return parts_; }
    std::span<const std::byte> image() const noexcept;
    const Source& source() const noexcept { return source_; }
    core::Recommender& recommender() noexcept { return *recommender_; }

    // One user's rows of the source; prepared at the first call. Columns as sources::columns_of_row() says.
    // The caller keeps it alive: the rows may come from a view that asks this model again.
    std::shared_ptr<KeptQuery> ratings_of_user(Oid relation);

    // Of a model of segments. Decoded when it is needed; throws MemoryLimitExceeded, CorruptModel that names
    // it.
    core::SegmentAssigner& segments();
    // A plan that is kept until another one is asked for, as ratings_of_user().
    std::shared_ptr<KeptQuery> kept_query(std::string sql, Oid parameter);

    // A set of items for one call to fill and to empty again: its size is that of the catalogue.
    core::ItemSet& item_set();

    // True once: something about this version that a session is told once.
    bool is_first_warning() noexcept { return !std::exchange(has_warned_, true); }

  private:
    std::string ratings_of_user_sql(Oid relation) const;

    const std::string name_;
    const VersionRow row_;
    const Image image_;
    const core::ModelParts parts_;  // views into image_
    const Source source_;
    const std::unique_ptr<core::Recommender> recommender_;
    std::optional<core::ItemSet> item_set_;
    std::unique_ptr<core::SegmentAssigner> segments_;
    std::shared_ptr<KeptQuery> kept_query_;
    std::string kept_sql_;
    bool has_warned_ = false;
};

// The active version of a model that the current user may use, under the snapshot of the running statement.
// Kept by the backend between calls; whoever gets it keeps it alive. Throws wrong_object_type where the model
// is of segments, which recommend nothing; the other one where it is not.
std::shared_ptr<LoadedModel> load_model(const std::string& name);
std::shared_ptr<LoadedModel> load_segments(const std::string& name);

}  // namespace personalize::pg
