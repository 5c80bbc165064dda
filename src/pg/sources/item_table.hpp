// A table of items with what is known about them: attributes and texts.
#pragma once

#include <string>
#include <vector>

#include "core/content/item_features.hpp"
#include "core/runtime/host.hpp"
#include "core/runtime/memory_budget.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/sources/ratings_source.hpp"

namespace personalize::pg {

// Arguments that follow one another wherever items come with attributes: items, item_key, attributes,
// text_columns, language, min_items, max_share.
inline constexpr int kItemTableArguments = 7;

// What is read of a column: SQL over a relation with the alias s, and how its values arrive.
struct ItemValues {
    enum class Shape { number, text, array, jsonb, words } shape;
    std::string expression;
};

struct ItemTable {
    Oid relation;
    std::string key;
    core::IdType key_type;
    std::vector<core::FeatureColumn> columns;
    std::vector<ItemValues> values;  // of each of them
    std::string language;
    core::TermLimits limits;
};

// first: position of items, which is not NULL. `ratings`: whose item_column the key is named after if it has
// no name of its own. Throws null_value_not_allowed, undefined_column, datatype_mismatch for a column that is
// named but says nothing, invalid_parameter_value for values out of range.
ItemTable item_table_argument(const Arguments& arguments, int first, const Source& ratings);

// Reads the table as the current user. Rows without an id are skipped, with a NOTICE that says how many.
// Throws datatype_mismatch where ids are of another type than `item_type`, what ItemFeaturesBuilder throws.
core::ItemFeatures read_items(const ItemTable& table, core::IdType item_type, core::MemoryBudget& budget,
                              core::Host& host);

// Members of the JSON of a training's options: "items": ..., and so on.
std::string item_table_json(const ItemTable& table);

}  // namespace personalize::pg
