#include "core/content/item_features.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

#include "core/neighbours/document_frequencies.hpp"
#include "core/prepare/moments.hpp"
#include "core/prepare/scaling.hpp"
#include "core/runtime/error.hpp"
#include "core/runtime/poll_counter.hpp"

namespace personalize::core {

namespace {

// How a term's name begins: by the kind of its column.
constexpr const char* kSeparators[] = {"=", "", ":"};

void check_weight(double weight, std::string_view tag) {
    if (std::fabs(weight) <= ItemFeaturesBuilder::kMaxWeight) return;
    throw InvalidInput("the weight of " + to_string(Id::text(tag)) + " is " + std::to_string(weight),
                       "Weights must be numbers of at most 1e30.");
}

}  // namespace

// All entries by item and term, both in the order of their ids, and each term once.
struct ItemFeaturesBuilder::Merged {
    std::vector<std::int64_t> start{0};
    std::vector<std::int32_t> terms;
    std::vector<double> weights;
    std::vector<std::uint16_t> column_of;  // of each term
    std::vector<std::int64_t> items_with;  // of each term

    std::int64_t items() const { return std::ssize(start) - 1; }

    // In the order of terms; the weights of one term add up, the least first.
    void add_row(const std::vector<std::pair<std::int32_t, double>>& row) {
        for (const auto& [term, weight] : row) {
            if (std::ssize(terms) > start.back() && terms.back() == term) {
                weights.back() += weight;
                continue;
            }
            terms.push_back(term);
            weights.push_back(weight);
            items_with[term]++;
        }
        start.push_back(std::ssize(terms));
    }
};

namespace {

// Terms that some item has with a weight.
struct Kept {
    std::vector<std::int32_t> new_of_old, terms;

    Kept(const std::vector<double>& weights, const std::vector<std::int32_t>& terms_of, std::size_t count)
        : new_of_old(count, -1) {
        for (std::size_t k = 0; k < weights.size(); k++)
            if (static_cast<float>(weights[k]) != 0) new_of_old[terms_of[k]] = 0;
        for (std::size_t term = 0; term < count; term++) {
            if (new_of_old[term] < 0) continue;
            new_of_old[term] = static_cast<std::int32_t>(terms.size());
            terms.push_back(static_cast<std::int32_t>(term));
        }
    }
};

// Turns what is known into weights. Entries of terms that are left out become 0.
template <class Merged>
class Weigher {
  public:
    Weigher(Merged& merged, const std::vector<FeatureColumn>& columns, const TermLimits& limits, Host& host)
        : merged_(merged), columns_(columns), limits_(limits), progress_(host) {}

    void run() {
        standardize_numbers();
        for_each_entry(
            [&](std::size_t k) { merged_.weights[k] = weight(merged_.terms[k], merged_.weights[k]); });
        balance_columns();
        for_each_row([&](std::size_t from, std::size_t to) {
            keep_strongest(from, to);
            double square = 0;
            for (std::size_t k = from; k < to; k++) square += merged_.weights[k] * merged_.weights[k];
            const double length = std::sqrt(square);
            for (std::size_t k = from; k < to; k++) merged_.weights[k] /= length > 0 ? length : 1;
        });
    }

  private:
    FeatureKind kind_of(std::int32_t term) const { return columns_[merged_.column_of[term]].kind; }

    template <class Visit>
    void for_each_entry(Visit visit) {
        for (std::size_t k = 0; k < merged_.terms.size(); k++) {
            visit(k);
            progress_.count();
        }
    }

    template <class Visit>
    void for_each_row(Visit visit) {
        for (std::int64_t item = 0; item < merged_.items(); item++) {
            const auto from = static_cast<std::size_t>(merged_.start[item]),
                       to = static_cast<std::size_t>(merged_.start[item + 1]);
            visit(from, to);
            progress_.count(static_cast<std::int64_t>(to - from) + 1);
        }
    }

    // Of equal ones the first.
    void keep_strongest(std::size_t from, std::size_t to) {
        if (to - from <= ItemFeaturesBuilder::kMostTerms) return;
        order_.resize(to - from);
        std::iota(order_.begin(), order_.end(), from);
        const auto end = order_.begin() + static_cast<std::ptrdiff_t>(ItemFeaturesBuilder::kMostTerms);
        std::nth_element(order_.begin(), end, order_.end(), [this](std::size_t a, std::size_t b) {
            const double left = std::fabs(merged_.weights[a]), right = std::fabs(merged_.weights[b]);
            return left != right ? left > right : a < b;
        });
        std::for_each(end, order_.end(), [this](std::size_t k) { merged_.weights[k] = 0; });
    }

    void standardize_numbers() {
        std::vector<Moments> moments(columns_.size());
        const auto is_number = [this](std::size_t k) {
            return kind_of(merged_.terms[k]) == FeatureKind::number;
        };
        for_each_entry([&](std::size_t k) {
            if (is_number(k)) moments[merged_.column_of[merged_.terms[k]]].add(merged_.weights[k]);
        });
        std::vector<Scaling> scaling;
        for (const Moments& of_column : moments) scaling.push_back(standard_scaling(of_column));
        for_each_entry([&](std::size_t k) {
            if (is_number(k))
                merged_.weights[k] =
                    std::clamp(scaling[merged_.column_of[merged_.terms[k]]](merged_.weights[k]),
                               -ItemFeaturesBuilder::kMostDeviations, ItemFeaturesBuilder::kMostDeviations);
        });
    }

    double weight(std::int32_t term, double known) const {
        const std::int64_t containing = merged_.items_with[term];
        if (kind_of(term) == FeatureKind::number) return known;
        if (containing < limits_.least_items ||
            static_cast<double>(containing) > limits_.most_share * static_cast<double>(merged_.items()))
            return 0;
        return (kind_of(term) == FeatureKind::words ? 1 + std::log(std::max(known, 1.)) : known) *
               idf(merged_.items(), containing);
    }

    // What one value of each column tells of an item, in nats: the mean of ln(N / n) over what is kept.
    std::vector<double> information() {
        std::vector<double> sums(columns_.size()), counts(columns_.size());
        for_each_entry([&](std::size_t k) {
            if (merged_.weights[k] == 0) return;
            const std::int32_t term = merged_.terms[k];
            const bool is_number = kind_of(term) == FeatureKind::number;
            sums[merged_.column_of[term]] +=
                is_number ? std::numbers::ln2 : idf(merged_.items(), merged_.items_with[term]);
            counts[merged_.column_of[term]]++;
        });
        for (std::size_t column = 0; column < sums.size(); column++)
            if (counts[column] > 0) sums[column] /= counts[column];
        return sums;
    }

    void balance_columns() {
        const std::vector<double> information = this->information();
        std::vector<double> squares(columns_.size()), of_item(columns_.size());
        std::vector<std::int64_t> items(columns_.size());
        for_each_row([&](std::size_t from, std::size_t to) {
            for (std::size_t k = from; k < to; k++)
                of_item[merged_.column_of[merged_.terms[k]]] += merged_.weights[k] * merged_.weights[k];
            for (std::size_t k = from; k < to; k++) {  // those that this item has, once each
                double& square = of_item[merged_.column_of[merged_.terms[k]]];
                const std::size_t column = merged_.column_of[merged_.terms[k]];
                squares[column] += square;
                items[column] += square > 0;
                square = 0;
            }
        });
        for_each_entry([&](std::size_t k) {
            const std::size_t column = merged_.column_of[merged_.terms[k]];
            if (squares[column] > 0)
                merged_.weights[k] *=
                    information[column] / std::sqrt(squares[column] / static_cast<double>(items[column]));
        });
    }

    Merged& merged_;
    const std::vector<FeatureColumn>& columns_;
    const TermLimits& limits_;
    PollCounter progress_;
    std::vector<std::size_t> order_;
};

}  // namespace

ItemFeaturesBuilder::ItemFeaturesBuilder(IdType item_type, std::vector<FeatureColumn> columns,
                                         MemoryBudget& budget)
    : columns_(std::move(columns)),
      budget_(budget),
      claim_(&budget, "the features of items"),
      items_(item_type, &budget),
      terms_(IdType::text, &budget) {}

void ItemFeaturesBuilder::add_item(const Id& item) {
    const std::int64_t before = items_.size();
    if (items_.code(item) < before)
        throw InvalidInput(
            "item " + to_string(item) + " is in the table of items more than once",
            "Give each item one row: a view can aggregate several, such as tags into an array.");
    grow(start_, start_.size() + 1, claim_);
    start_.push_back(std::ssize(term_codes_));
}

void ItemFeaturesBuilder::add(std::size_t column, std::string_view term, double weight) {
    term_.assign(columns_[column].name);
    term_.append(kSeparators[static_cast<std::size_t>(columns_[column].kind)]).append(term);
    const std::uint32_t code = terms_.code(Id::text(term_));
    if (code == column_of_code_.size()) {
        grow(column_of_code_, column_of_code_.size() + 1, claim_);
        column_of_code_.push_back(static_cast<std::uint16_t>(column));
    }
    // Names of columns may hold separators: then two columns share a term, whichever row comes first.
    column_of_code_[code] = std::min(column_of_code_[code], static_cast<std::uint16_t>(column));
    grow(term_codes_, term_codes_.size() + 1, claim_);
    grow(weights_, weights_.size() + 1, claim_);
    term_codes_.push_back(code);
    weights_.push_back(weight);
}

void ItemFeaturesBuilder::add_tag(std::size_t column, std::string_view tag, double weight) {
    check_weight(weight, tag);
    if (weight != 0) add(column, tag, weight);
}

void ItemFeaturesBuilder::add_word(std::size_t column, std::string_view word, double count) {
    add(column, word, count);
}

void ItemFeaturesBuilder::add_number(std::size_t column, double value) { add(column, {}, value); }

ItemFeaturesBuilder::Merged ItemFeaturesBuilder::merge(ItemFeatures& features, Host& host) {
    std::vector<std::int32_t> index_of_item, index_of_term;
    features.items = items_.finish(index_of_item, host);
    features.terms = terms_.finish(index_of_term, host);
    claim_.take_over((index_of_item.size() + index_of_term.size()) * sizeof(std::int32_t));
    claim_.add(weights_.size() * (sizeof(std::int32_t) + sizeof(double)) +
               index_of_item.size() * (sizeof(std::size_t) + sizeof(std::int64_t)) +
               index_of_term.size() * (sizeof(std::uint16_t) + sizeof(std::int64_t)));
    Merged merged;
    merged.terms.reserve(weights_.size());
    merged.weights.reserve(weights_.size());
    merged.column_of.resize(index_of_term.size());
    merged.items_with.resize(index_of_term.size());
    for (std::size_t code = 0; code < index_of_term.size(); code++)
        merged.column_of[index_of_term[code]] = column_of_code_[code];
    std::vector<std::size_t> item_at(index_of_item.size());
    for (std::size_t code = 0; code < index_of_item.size(); code++) item_at[index_of_item[code]] = code;
    start_.push_back(std::ssize(weights_));
    PollCounter progress(host);
    std::vector<std::pair<std::int32_t, double>> row;
    for (const std::size_t item : item_at) {
        row.clear();
        for (std::int64_t k = start_[item]; k < start_[item + 1]; k++)
            row.emplace_back(index_of_term[term_codes_[k]], weights_[k]);
        std::sort(row.begin(), row.end());
        merged.add_row(row);
        progress.count(4 * std::ssize(row) + 1);
    }
    return merged;
}

ItemFeatures ItemFeaturesBuilder::finish(const TermLimits& limits, Host& host) {
    ItemFeatures features;
    Merged merged = merge(features, host);
    Weigher(merged, columns_, limits, host).run();
    Kept kept(merged.weights, merged.terms, merged.column_of.size());
    if (kept.terms.empty())
        throw InvalidInput(
            "no attribute and no word is shared by some of the " + std::to_string(merged.items()) +
                " items: by at least " + std::to_string(limits.least_items) + ", and at most a share of " +
                std::to_string(limits.most_share),
            "Name columns with attributes and text_columns, or change min_items and max_share.");
    features.terms = features.terms.subset(kept.terms);
    const auto entries = static_cast<std::int64_t>(merged.terms.size());
    budget_.reserve(sparse_matrix_memory(merged.items(), entries), "the features of items");
    SparseMatrix& matrix = features.by_item;
    matrix.columns_count = std::ssize(kept.terms);
    matrix.columns.reserve(merged.terms.size());
    matrix.values.reserve(merged.terms.size());
    PollCounter progress(host);
    for (std::int64_t item = 0; item < merged.items(); item++) {
        for (std::int64_t k = merged.start[item]; k < merged.start[item + 1]; k++) {
            const auto weight = static_cast<float>(merged.weights[k]);
            if (weight == 0) continue;
            matrix.columns.push_back(kept.new_of_old[merged.terms[k]]);
            matrix.values.push_back(weight);
        }
        matrix.start.push_back(std::ssize(matrix.columns));
        progress.count(merged.start[item + 1] - merged.start[item] + 1);
    }
    return features;
}

}  // namespace personalize::core
