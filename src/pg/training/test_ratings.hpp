// Ratings that a trained model is measured with: from which columns, and with which ids.
#pragma once

#include <optional>
#include <string>

#include "pg/model_store/loaded_model.hpp"
#include "pg/sources/ratings_source.hpp"

namespace personalize::pg {

// Names that were given; the others are those of the model's own source.
struct TestColumns {
    std::optional<std::string> user, item, rating;
};

// How to read `relation`. Ratings that nothing asks for may be missing.
Source test_columns(const Source& trained, const TestColumns& named, Oid relation, bool needs_ratings);

// Throws datatype_mismatch where the test ratings have ids of other types than the model.
void require_same_ids(const LoadedModel& model, const RatingsSource& test);

}  // namespace personalize::pg
