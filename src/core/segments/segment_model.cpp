#include "core/segments/segment_model.hpp"

#include <algorithm>
#include <cmath>

#include "core/prepare/quantiles.hpp"

namespace personalize::core {

namespace {

constexpr int kBins = 10;

Bins bins_of(std::span<const double> values, std::size_t column, std::size_t columns, Host& host) {
    BulkVector<double> sorted(values.size() / columns);
    for (std::size_t r = 0; r < sorted.size(); r++) sorted[r] = values[r * columns + column];
    std::vector<double> shares;
    for (int b = 1; b < kBins; b++) shares.push_back(static_cast<double>(b) / kBins);
    Bins bins;
    for (const double edge : quantiles(sorted, shares, host))
        if (bins.edges.empty() || edge > bins.edges.back()) bins.edges.push_back(edge);
    bins.shares.assign(bins.edges.size() + 1, 0);
    for (const double x : sorted) bins.shares[bin_of(bins, x)]++;
    for (double& share : bins.shares) share /= static_cast<double>(sorted.size());
    return bins;
}

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
            const double mean =
                model.segment_means[static_cast<std::size_t>(segment) * model.means.size() + index];
            const double deviation = model.deviations[index];
            const double away = deviation > 0 ? std::fabs(mean - model.means[index]) / deviation : 0;
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

// In the points' order, so that roundings do not depend on that of the rows.
void summarize_segments(std::span<const double> values, const Points& points,
                        std::span<const std::int32_t> segment, int segments, SegmentModel& model,
                        Host& host) {
    const auto columns = static_cast<std::size_t>(points.columns());
    const auto rows = static_cast<double>(points.rows);
    model.rows = points.rows;
    model.noise = 0;
    model.sizes.assign(static_cast<std::size_t>(segments), 0);
    model.means.assign(columns, 0);
    model.deviations.assign(columns, 0);
    model.segment_means.assign(columns * static_cast<std::size_t>(segments), 0);
    const auto row = [&](std::int64_t r) {
        if (r % 4096 == 0) host.poll();
        return values.data() + static_cast<std::size_t>(points.origin[r]) * columns;
    };
    std::vector<long double> sums(columns), segment_sums(model.segment_means.size());
    for (std::int64_t r = 0; r < points.rows; r++) {
        const double* const x = row(r);
        for (std::size_t j = 0; j < columns; j++) sums[j] += x[j];
        if (segment[r] < 0) {
            model.noise++;
            continue;
        }
        model.sizes[segment[r]]++;
        for (std::size_t j = 0; j < columns; j++)
            segment_sums[static_cast<std::size_t>(segment[r]) * columns + j] += x[j];
    }
    for (std::size_t j = 0; j < columns; j++) model.means[j] = static_cast<double>(sums[j] / rows);
    for (std::size_t k = 0; k < segment_sums.size(); k++)
        model.segment_means[k] = static_cast<double>(
            segment_sums[k] / static_cast<long double>(std::max<std::int64_t>(model.sizes[k / columns], 1)));
    // Of shares of the largest one, whose squares are finite.
    std::vector<double> reach(columns);
    for (std::int64_t r = 0; r < points.rows; r++)
        for (std::size_t j = 0; j < columns; j++)
            reach[j] = std::max(reach[j], std::fabs(row(r)[j] - model.means[j]));
    for (std::int64_t r = 0; r < points.rows; r++)
        for (std::size_t j = 0; j < columns; j++) {
            const double d = reach[j] > 0 ? (row(r)[j] - model.means[j]) / reach[j] : 0;
            model.deviations[j] += d * d / rows;
        }
    model.bins.clear();
    for (std::size_t j = 0; j < columns; j++) {
        model.deviations[j] = std::sqrt(model.deviations[j]) * reach[j];
        model.bins.push_back(bins_of(values, j, columns, host));
    }
}

SegmentAssigner::SegmentAssigner(std::shared_ptr<const SegmentModel> model, Host& host)
    : model_(std::move(model)),
      point_(static_cast<std::size_t>(model_->columns())),
      exact_point_(static_cast<std::size_t>(model_->columns())) {
    if (model_->algorithm == SegmentAlgorithm::kmeans)
        centroids_ = make_centroid_table(model_->centroids, model_->columns());
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
