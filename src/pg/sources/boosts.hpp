// The weights that an application gives items of its lists.
#pragma once

#include <vector>

#include "core/ranking/shape_list.hpp"
#include "pg/model_store/loaded_model.hpp"

namespace personalize::pg {

struct Boosts {
    std::vector<core::Boost> weights;  // by item, ascending, each once
    std::vector<std::int32_t> hidden;  // items of weight 0, ascending
};

// Reads the columns item_id and weight of a relation, as the current user. Rows with a NULL and items that
// the model does not know are passed over; weights of an item that is there several times multiply. Throws
// undefined_column, datatype_mismatch, and invalid_parameter_value for a weight that is negative or not
// finite.
Boosts read_boosts(const LoadedModel& model, Oid relation);

}  // namespace personalize::pg
