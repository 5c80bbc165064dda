// Items as sparse vectors of what is known about them: tags, numbers and words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/ratings/ids.hpp"
#include "core/ratings/sparse_matrix.hpp"
#include "core/runtime/host.hpp"
#include "core/runtime/memory_budget.hpp"
#include "core/runtime/memory_claim.hpp"

namespace personalize::core {

// What a column of a table of items holds.
enum class FeatureKind : std::uint8_t {
    tags,    // any number of them, with weights: the term "genre=drama"
    number,  // one: the term "price"
    words,   // of a text: the term "title:dragon"
};

struct FeatureColumn {
    std::string name;
    FeatureKind kind;
};

// Which tags and words are terms: those of at least so many items, and of at most this share of all.
struct TermLimits {
    std::int64_t least_items = 2;
    double most_share = .5;
};

struct ItemFeatures {
    IdList items;          // of the table
    IdList terms;          // texts
    SparseMatrix by_item;  // items x terms, rows of length 1; a row is empty where nothing is known
};

// Collects items in any order; the features do not depend on it.
class ItemFeaturesBuilder {
  public:
    static constexpr double kMaxWeight = 1e30;

    // At most 65,535 columns. Memory is claimed from `budget` before it is allocated.
    ItemFeaturesBuilder(IdType item_type, std::vector<FeatureColumn> columns, MemoryBudget& budget);

    // What is added next is about this item. Throws InvalidInput where it has been added before.
    void add_item(const Id& item);
    // `column` is of that kind. Weights of the same tag add up; 0 is none. Throws InvalidInput for weights
    // beyond kMaxWeight or that are no numbers.
    void add_tag(std::size_t column, std::string_view tag, double weight = 1);
    void add_word(std::size_t column, std::string_view word, double count);
    void add_number(std::size_t column, double value);  // finite

    std::int64_t items() const noexcept { return items_.size(); }

    // Ends the collecting. N items, n of them with a term:
    // - a tag of weight w has w ln(N / n), a word that occurs c times (1 + ln c) ln(N / n);
    // - a number has its distance from the mean in deviations, at most kMostDeviations.
    // Each column is divided by the root mean square of what it gives to items that have it, so that a long
    // text does not drown a category, and multiplied by what one of its values tells, the mean of ln(N / n)
    // over its entries, ln 2 for numbers, so that one that nearly all items share does not drown one that
    // tells them apart. Then an item keeps its kMostTerms strongest terms and is divided by its length.
    // Throws InvalidInput where no term is left. What the features hold stays claimed. Polls the host.
    ItemFeatures finish(const TermLimits& limits, Host& host);

    static constexpr double kMostDeviations = 3;
    static constexpr std::size_t kMostTerms = 32;

  private:
    struct Merged;

    void add(std::size_t column, std::string_view term, double weight);
    Merged merge(ItemFeatures& features, Host& host);

    std::vector<FeatureColumn> columns_;
    MemoryBudget& budget_;
    MemoryClaim claim_;
    IdDictionary items_, terms_;
    std::string term_;                           // the one that is added
    std::vector<std::int64_t> start_;            // of each item, in their order
    std::vector<std::uint32_t> term_codes_;      // of all items, one behind the other
    std::vector<double> weights_;                // likewise
    std::vector<std::uint16_t> column_of_code_;  // of each term
};

}  // namespace personalize::core
