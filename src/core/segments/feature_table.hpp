// Rows of numbers and texts as rows of numbers.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/runtime/bulk_memory.hpp"
#include "core/runtime/host.hpp"
#include "core/runtime/memory_claim.hpp"

namespace personalize::core {

inline constexpr int kMaxCategories = 100;
inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

enum class FeatureType : std::uint8_t { number, flag, category };  // stored in models: never renumber
enum class MissingValues : std::uint8_t { refuse, mean, median, zero };

// A column, and the columns of numbers that it becomes: one for a number or a flag (0 or 1), one for each
// category, which is 1 where the row has it.
struct SegmentFeature {
    std::string name;
    FeatureType type = FeatureType::number;
    double fill = kMissing;  // for missing numbers and flags; kMissing: rows that lack them have no segment
    bool allows_missing = false;               // for categories: a row without one has zeros
    std::vector<std::string> categories = {};  // in order of their bytes

    int columns() const noexcept {
        return type == FeatureType::category ? static_cast<int>(std::ssize(categories)) : 1;
    }
    // The category's column, or -1: none of them.
    int find(std::string_view category) const noexcept;
};

int columns_of(const std::vector<SegmentFeature>& features) noexcept;

// Throws InvalidInput that names the feature of a number which is infinite or above kLargestFeature.
void check_feature(const SegmentFeature& feature, double x);

struct FeatureTable {
    std::vector<SegmentFeature> features;
    std::int64_t rows = 0;
    BulkVector<double> values;  // rows x columns_of(features), row after row
};

// Takes the values of a row, feature after feature, then the next row's.
class FeatureTableBuilder {
  public:
    // What it holds is claimed from `claim`, whose budget outlives it.
    FeatureTableBuilder(std::vector<SegmentFeature> features, MemoryClaim& claim);

    // x: kMissing where it is. Throws as check_feature().
    void add_number(double x);
    // Throws InvalidInput where there are more than kMaxCategories.
    void add_text(std::string_view category);
    void add_missing() { put(kMissing); }

    // At least one feature. Throws InvalidInput that names a feature which is missing, and in how many rows,
    // where that is to be refused, or in all.
    FeatureTable finish(MissingValues missing, Host& host) &&;

  private:
    void put(double value);
    void fill(std::size_t feature, MissingValues missing, Host& host);
    std::vector<int> sort_categories(std::size_t feature);

    MemoryClaim& claim_;
    std::vector<SegmentFeature> features_;
    std::vector<std::unordered_map<std::string, int>> codes_;  // categories in order of appearance
    std::vector<double> raw_;                                  // rows x features
    std::size_t next_ = 0;                                     // feature
};

}  // namespace personalize::core
