#include "core/segments/segment_model.hpp"

#include <algorithm>
#include <cmath>

namespace personalize::core {

namespace {

// A column as it is called in words.
struct Column {
    std::string name;
    bool is_share;  // a flag or a category
    std::size_t index;
    double away;  // of the segment's mean from everyone's, in deviations
};

std::string digits(double x) {
    char text[32];
    std::snprintf(text, sizeof text, "%.*g", std::fabs(x) >= 1000 ? 6 : 3, x);
    return text;
}

std::string percent(double share) {
    char text[32];
    std::snprintf(text, sizeof text, share > 0 && share < .01 ? "%.1f %%" : "%.0f %%", 100 * share);
    return text;
}

std::string words(const Column& column, double mean, double all) {
    const double ratio = mean / all;
    std::string text = column.name;
    if (column.is_share)
        return text.append(" ").append(percent(mean)).append(" (all: ").append(percent(all)).append(")");
    if (!(all > 0 && ratio >= .05) || std::fabs(ratio - 1) < .05)
        return text.append(" ").append(digits(mean)).append(" (average ").append(digits(all)).append(")");
    char times[32];
    std::snprintf(times, sizeof times, ratio < 10 ? " %.1f" : " %.0f", ratio);
    return text.append(times).append(" times the average");
}

// A category as words have it: cut, at the end of a UTF-8 character, where it is long.
std::string shortened(const std::string& category) {
    constexpr std::size_t kShownBytes = 60;
    if (category.size() <= kShownBytes) return category;
    std::size_t end = kShownBytes;
    while (end > kShownBytes - 4 && (static_cast<unsigned char>(category[end]) & 0xC0) == 0x80) end--;
    return category.substr(0, end) + "...";
}

std::vector<Column> columns_by_difference(const SegmentModel& model, int segment) {
    std::vector<Column> columns;
    std::size_t index = 0;
    for (const SegmentFeature& feature : model.features)
        for (int c = 0; c < feature.columns(); c++, index++) {
            const double away = std::fabs(model.difference(segment, index));
            const bool is_category = feature.type == FeatureType::category;
            columns.push_back(
                {is_category ? feature.name + " " + shortened(feature.categories[c]) : feature.name,
                 feature.type != FeatureType::number, index, away});
        }
    std::stable_sort(columns.begin(), columns.end(),
                     [](const Column& a, const Column& b) { return a.away > b.away; });
    return columns;
}

}  // namespace

std::size_t bin_of(const Bins& bins, double value) noexcept {
    return static_cast<std::size_t>(std::lower_bound(bins.edges.begin(), bins.edges.end(), value) -
                                    bins.edges.begin());
}

double stability_index(std::span<const double> then, std::span<const double> now) noexcept {
    double sum = 0;
    for (std::size_t k = 0; k < then.size(); k++) {
        const double before = std::max(then[k], 1e-4), after = std::max(now[k], 1e-4);
        sum += (after - before) * std::log(after / before);
    }
    return sum;
}

double SegmentModel::share(int segment) const noexcept {
    return static_cast<double>(sizes[segment]) / static_cast<double>(rows);
}

double SegmentModel::difference(int segment, std::size_t column) const noexcept {
    const double mean = segment_means[static_cast<std::size_t>(segment) * means.size() + column];
    return deviations[column] > 0 ? (mean - means[column]) / deviations[column] : 0;
}

SegmentAssigner::SegmentAssigner(std::shared_ptr<const SegmentModel> model, Host& host)
    : model_(std::move(model)),
      point_(static_cast<std::size_t>(model_->columns())),
      exact_point_(static_cast<std::size_t>(model_->columns())) {
    if (model_->algorithm == SegmentAlgorithm::kmeans)
        centroids_ = make_centroid_table(model_->centroids, model_->columns(), host);
    else
        cores_ = std::make_unique<dbscan::CorePoints>(model_->cores, model_->columns(), model_->eps, host);
}

std::int32_t SegmentAssigner::assign(const double* values) {
    if (model_->algorithm == SegmentAlgorithm::kmeans) {
        std::int32_t segment;
        model_->space.place(values, point_.data());
        nearest_centroids(point_.data(), 1, centroids_, memory_, &segment);
        return segment;
    }
    for (int j = 0; j < model_->columns(); j++) exact_point_[j] = model_->space.axes[j].place(values[j]);
    const std::int64_t core = cores_->nearest(exact_point_.data());
    return core < 0 ? -1 : model_->core_segment[core];
}

std::string describe_segment(const SegmentModel& model, int segment, int most) {
    std::string text;
    for (const Column& column : columns_by_difference(model, segment)) {
        if (most-- <= 0 || column.away == 0) break;
        const double mean =
            model.segment_means[static_cast<std::size_t>(segment) * model.means.size() + column.index];
        if (!text.empty()) text += ", ";
        text += words(column, mean, model.means[column.index]);
    }
    return text;
}

}  // namespace personalize::core
