#include "pg/sources/item_table.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/runtime/memory_claim.hpp"
#include "core/runtime/poll_counter.hpp"
#include "pg/bridge/ids.hpp"
#include "pg/bridge/json.hpp"
#include "pg/bridge/read_rows.hpp"
#include "pg/bridge/sparse_vectors.hpp"
#include "pg/bridge/tag_values.hpp"
#include "pg/sources/columns.hpp"
#include "pg/sources/features.hpp"

namespace personalize::pg {

namespace {

using core::FeatureKind;
using Shape = ItemValues::Shape;

enum Argument { kItems, kKey, kAttributes, kTextColumns, kLanguage, kMinItems, kMaxShare, kArguments };
static_assert(kArguments == kItemTableArguments);

constexpr int kMostMinItems = 1000000000;
constexpr double kLeastMaxShare = 1e-9;
// A longer value is a text, not a category; of a text this many characters are read.
constexpr const char* kLongestText = "100000";

std::string column_of(const sources::Feature& feature) { return "s." + quoted(feature.name); }

// Nothing: an attribute of such a type says nothing.
std::optional<ItemValues> attribute_values(const sources::Feature& feature) {
    if (feature.kind == sources::FeatureKind::number)
        return ItemValues{Shape::number, sources::number_expression(feature)};
    const Oid type = feature.base_type;
    if (call([type] { return OidIsValid(get_element_type(type)); }))
        return ItemValues{Shape::array, column_of(feature) + "::pg_catalog.text[]"};
    if (type == JSONBOID || type == JSONOID)
        return ItemValues{Shape::jsonb, column_of(feature) + "::pg_catalog.jsonb"};
    const char category = call([type] { return TypeCategory(type); });
    const bool is_category = category == TYPCATEGORY_STRING || category == TYPCATEGORY_ENUM ||
                             category == TYPCATEGORY_BOOLEAN || type == UUIDOID;
    if (!is_category) return std::nullopt;
    return ItemValues{Shape::text, column_of(feature) + "::pg_catalog.text"};
}

std::optional<ItemValues> word_values(const sources::Feature& feature, Oid language) {
    if (feature.base_type == TSVECTOROID) return ItemValues{Shape::words, column_of(feature)};
    if (feature.kind != sources::FeatureKind::text) return std::nullopt;
    return ItemValues{Shape::words, "pg_catalog.to_tsvector(" + std::to_string(language) +
                                        "::pg_catalog.oid::pg_catalog.regconfig, pg_catalog.left(" +
                                        column_of(feature) + "::pg_catalog.text, " + kLongestText + "))"};
}

[[noreturn]] void refuse_column(Oid relation, const sources::Feature& feature, const char* option,
                                const char* hint) {
    throw SqlError(ERRCODE_DATATYPE_MISMATCH,
                   "column \"" + feature.name + "\" of " + quoted_relation(relation) + " is of type " +
                       feature.type + ", which " + option + " cannot use",
                   hint);
}

// The configuration of text search, and its name in the table.
Oid language_argument(const Arguments& arguments, int position, ItemTable& table) {
    arguments.require(position, "language");
    const Oid language = DatumGetObjectId(arguments.datum(position));
    if (!call([language] { return SearchSysCacheExists1(TSCONFIGOID, ObjectIdGetDatum(language)); }))
        throw SqlError(ERRCODE_UNDEFINED_OBJECT,
                       "text search configuration with OID " + std::to_string(language) + " does not exist",
                       "Name one that \\dF shows, such as language => 'english'.");
    table.language = call([language] {
        return DatumGetCString(DirectFunctionCall1(regconfigout, ObjectIdGetDatum(language)));
    });
    return language;
}

void add_texts(const Arguments& arguments, int first, ItemTable& table) {
    const Oid language = language_argument(arguments, first + kLanguage, table);
    if (arguments.is_null(first + kTextColumns)) return;
    for (const auto& feature : sources::distinct_features_argument(table.relation, arguments,
                                                                   first + kTextColumns, "text_columns")) {
        const auto values = word_values(feature, language);
        if (!values)
            refuse_column(table.relation, feature, "text_columns",
                          "Texts may be of type text, varchar, tsvector and types like them.");
        table.values.push_back(*values);
        table.columns.push_back({feature.name, FeatureKind::words});
    }
}

void add_attributes(const Arguments& arguments, int first, ItemTable& table) {
    const std::vector<core::FeatureColumn> texts = table.columns;
    const bool named = !arguments.is_null(first + kAttributes);
    const auto is_taken = [&](const std::string& name) {
        return name == table.key ||
               std::any_of(texts.begin(), texts.end(), [&](const auto& text) { return text.name == name; });
    };
    for (const auto& feature :
         sources::distinct_features_argument(table.relation, arguments, first + kAttributes, "attributes")) {
        if (!named && is_taken(feature.name)) continue;
        const auto values = attribute_values(feature);
        if (!values && !named) continue;
        if (!values)
            refuse_column(
                table.relation, feature, "attributes",
                "Attributes may be texts, enums, booleans, numbers, arrays and jsonb; a view can cast "
                "others, such as the year of a date.");
        table.values.push_back(*values);
        table.columns.push_back(
            {feature.name, values->shape == Shape::number ? FeatureKind::number : FeatureKind::tags});
    }
}

class ItemSink : public RowSink {
  public:
    static constexpr std::int64_t kStepsPerTag = 64;  // as PollCounter counts

    ItemSink(const ItemTable& table, core::MemoryBudget& budget, core::Host& host)
        : key_type_(table.key_type),
          budget_(budget),
          builder_(table.key_type, table.columns, budget),
          progress_(host) {
        for (const ItemValues& values : table.values) shapes_.push_back(values.shape);
    }

    bool needs_row_memory() const noexcept override { return true; }

    void row(const Datum* values, const bool* nulls) override {
        if (nulls[0]) {
            skipped_++;
            return;
        }
        builder_.add_item(sources::id_of(key_type_, values[0]));
        for (std::size_t k = 0; k < shapes_.size(); k++)
            if (!nulls[k + 1]) add(k, values[k + 1]);
    }

    core::ItemFeaturesBuilder& builder() noexcept { return builder_; }
    std::int64_t skipped() const noexcept { return skipped_; }

  private:
    void add(std::size_t column, Datum value) {
        switch (shapes_[column]) {
            case Shape::number:
                if (std::isfinite(DatumGetFloat8(value))) builder_.add_number(column, DatumGetFloat8(value));
                return;
            case Shape::text:
                return add_tag(column, {text_view(value), 1});
            case Shape::array:
                for (const TagValue& tag : tags_of_array(value)) add_tag(column, tag);
                return;
            case Shape::jsonb:
                for (const TagValue& tag : tags_of_jsonb(value)) add_tag(column, tag);
                return;
            case Shape::words:
                return add_words(column, value);
        }
    }

    void add_tag(std::size_t column, const TagValue& tag) {
        progress_.count(kStepsPerTag);
        if (!tag.tag.empty() && std::ssize(tag.tag) <= kLongestTag)
            builder_.add_tag(column, tag.tag, tag.weight);
    }

    void add_words(std::size_t column, Datum value) {
        SparseTerms words;
        {
            const core::ScratchClaims scratch(budget_);
            words = tsvector_terms(value, budget_);
        }
        for (const core::WeightedTerm& word : words) builder_.add_word(column, word.term, word.weight);
    }

    const core::IdType key_type_;
    core::MemoryBudget& budget_;
    core::ItemFeaturesBuilder builder_;
    core::PollCounter progress_;
    std::vector<Shape> shapes_;
    std::int64_t skipped_ = 0;
};

void notice_skipped(const ItemTable& table, std::int64_t skipped) {
    if (skipped == 0) return;
    const std::string name = quoted_relation(table.relation);
    call([name = name.c_str(), skipped] {
        ereport(NOTICE,
                errmsg("skipped rows of %s without an item id: %lld", name, static_cast<long long>(skipped)));
    });
}

}  // namespace

ItemTable item_table_argument(const Arguments& arguments, int first, const Source& ratings) {
    ItemTable table;
    if (arguments.is_null(first + kItems))
        throw SqlError(ERRCODE_NULL_VALUE_NOT_ALLOWED, "items must not be NULL",
                       "Name the table with the attributes and texts of items: items => 'books'.");
    table.relation = arguments.relation(first + kItems, "items");
    sources::hold_relation(table.relation);
    table.key = arguments.optional_name(first + kKey).value_or(ratings.item_column);
    table.key_type = sources::id_column_type(table.relation, table.key, "item_key");
    add_texts(arguments, first, table);
    add_attributes(arguments, first, table);
    if (table.columns.empty())
        throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE,
                       quoted_relation(table.relation) + " says nothing about its items",
                       "Name columns with attributes or text_columns.");
    table.limits.least_items = arguments.integer(first + kMinItems, "min_items", 1, kMostMinItems);
    table.limits.most_share = arguments.double_precision(first + kMaxShare, "max_share", kLeastMaxShare, 1);
    return table;
}

core::ItemFeatures read_items(const ItemTable& table, core::IdType item_type, core::MemoryBudget& budget,
                              core::Host& host) {
    if (table.key_type != item_type)
        throw SqlError(ERRCODE_DATATYPE_MISMATCH,
                       "items of " + quoted_relation(table.relation) + " have ids of type " +
                           type_name(table.key_type) + ", those of the ratings of type " +
                           type_name(item_type),
                       "Name the column with the same ids with item_key, or cast it in a view.");
    std::string list = sources::id_expression(table.key, table.key_type);
    for (const ItemValues& values : table.values) list += ", " + values.expression;
    ItemSink sink(table, budget, host);
    read_rows("SELECT " + list + " FROM " + quoted_relation(table.relation) + " AS s", sink);
    notice_skipped(table, sink.skipped());
    if (sink.builder().items() == 0)
        throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, quoted_relation(table.relation) + " has no items",
                       "Only rows that you may see and that have an id are read.");
    return sink.builder().finish(table.limits, host);
}

std::string item_table_json(const ItemTable& table) {
    std::string attributes, texts;
    for (const core::FeatureColumn& column : table.columns) {
        std::string& list = column.kind == FeatureKind::words ? texts : attributes;
        list += (list.empty() ? "" : ", ") + json_string(column.name);
    }
    return R"("items": )" + json_string(quoted_relation(table.relation)) + R"(, "item_key": )" +
           json_string(table.key) + R"(, "attributes": [)" + attributes + R"(], "text_columns": [)" + texts +
           R"(], "language": )" + json_string(table.language) + R"(, "min_items": )" +
           std::to_string(table.limits.least_items) + R"(, "max_share": )" +
           json_number(table.limits.most_share);
}

}  // namespace personalize::pg
