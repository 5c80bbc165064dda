#include "core/segments/feature_table.hpp"

#include <algorithm>
#include <cmath>

#include "core/prepare/quantiles.hpp"
#include "core/runtime/error.hpp"
#include "core/segments/feature_scaling.hpp"
#include "core/segments/points.hpp"

namespace personalize::core {

int SegmentFeature::find(std::string_view category) const noexcept {
    const auto found = std::lower_bound(categories.begin(), categories.end(), category);
    return found != categories.end() && *found == category ? static_cast<int>(found - categories.begin())
                                                           : -1;
}

int columns_of(const std::vector<SegmentFeature>& features) noexcept {
    int columns = 0;
    for (const SegmentFeature& feature : features) columns += feature.columns();
    return columns;
}

void check_feature(const SegmentFeature& feature, double x) {
    if (!(std::fabs(x) > kLargestFeature)) return;
    char value[32];
    std::snprintf(value, sizeof value, "%g", x);
    throw InvalidInput("feature \"" + feature.name + "\" is " +
                           (std::isinf(x) ? (x > 0 ? "Infinity" : "-Infinity") : value) + " in a row",
                       "Features must be finite, up to 1e150: leave such rows out, or replace the value.");
}

FeatureTableBuilder::FeatureTableBuilder(std::vector<SegmentFeature> features, MemoryClaim& claim)
    : claim_(claim), features_(std::move(features)), codes_(features_.size()) {}

void FeatureTableBuilder::put(double value) {
    grow(raw_, raw_.size() + 1, claim_);
    raw_.push_back(value);
    if (++next_ == features_.size()) next_ = 0;
}

void FeatureTableBuilder::add_number(double x) {
    check_feature(features_[next_], x);
    put(x);
}

void FeatureTableBuilder::add_text(std::string_view category) {
    auto& codes = codes_[next_];
    const auto [found, is_new] = codes.try_emplace(std::string(category), static_cast<int>(codes.size()));
    if (is_new && std::ssize(codes) > kMaxCategories)
        throw InvalidInput("feature \"" + features_[next_].name + "\" has more than " +
                               std::to_string(kMaxCategories) + " categories",
                           "Leave it out, or let rare categories share a name. Texts that are numbers need a "
                           "cast, in a view.");
    put(found->second);
}

// The column of each code.
std::vector<int> FeatureTableBuilder::sort_categories(std::size_t feature) {
    auto& categories = features_[feature].categories;
    categories.clear();
    for (const auto& [category, code] : codes_[feature]) categories.push_back(category);
    std::sort(categories.begin(), categories.end());
    std::vector<int> columns(categories.size());
    for (const auto& [category, code] : codes_[feature]) columns[code] = features_[feature].find(category);
    return columns;
}

void FeatureTableBuilder::fill(std::size_t feature, MissingValues missing, Host& host) {
    SegmentFeature& own = features_[feature];
    std::vector<double> present;
    for (std::size_t k = feature; k < raw_.size(); k += features_.size())
        if (!std::isnan(raw_[k])) present.push_back(raw_[k]);
    const std::size_t rows = raw_.size() / features_.size(), absent = rows - present.size();
    if (absent > 0 && (missing == MissingValues::refuse || present.empty()))
        throw InvalidInput("feature \"" + own.name + "\" is missing in " + std::to_string(absent) + " of " +
                               std::to_string(rows) + " rows",
                           present.empty()
                               ? "Leave it out."
                               : "Leave such rows out, or give missing => 'mean', 'median' or 'zero'.");
    own.allows_missing = missing != MissingValues::refuse;
    if (own.type == FeatureType::category || missing == MissingValues::refuse) return;
    constexpr double kHalf[] = {.5};
    own.fill = missing == MissingValues::zero   ? 0
               : missing == MissingValues::mean ? exact_mean(present, host)
                                                : quantiles(present, kHalf, host)[0];
}

FeatureTable FeatureTableBuilder::finish(MissingValues missing, Host& host) && {
    const std::size_t count = features_.size();
    FeatureTable table;
    table.rows = static_cast<std::int64_t>(raw_.size() / count);
    claim_.add(static_cast<std::size_t>(table.rows) * sizeof(double));
    std::vector<std::vector<int>> columns;
    for (std::size_t f = 0; f < count; f++) {
        fill(f, missing, host);
        columns.push_back(sort_categories(f));
    }
    claim_.remove(static_cast<std::size_t>(table.rows) * sizeof(double));
    const auto width = static_cast<std::size_t>(columns_of(features_));
    claim_.add(static_cast<std::size_t>(table.rows) * width * sizeof(double));
    table.values.assign(static_cast<std::size_t>(table.rows) * width, 0.);
    double* to = table.values.data();
    for (std::size_t k = 0; k < raw_.size(); k++) {
        if (k % 65536 == 0) host.poll();
        const SegmentFeature& feature = features_[k % count];
        if (feature.type != FeatureType::category)
            *to = std::isnan(raw_[k]) ? feature.fill : raw_[k];
        else if (!std::isnan(raw_[k]))
            to[columns[k % count][static_cast<std::size_t>(raw_[k])]] = 1;
        to += feature.columns();
    }
    drop(raw_, claim_);
    table.features = std::move(features_);
    return table;
}

}  // namespace personalize::core
