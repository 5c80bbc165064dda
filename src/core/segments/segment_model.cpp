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

// The rows of a table in the order of their points, so that roundings do not depend on their own.
class RowsInOrder {
  public:
    RowsInOrder(std::span<const double> values, const Points& points, Host& host)
        : values_(values), points_(points), host_(host) {}

    std::size_t columns() const noexcept { return static_cast<std::size_t>(points_.columns()); }

    // visit(number of a point, values of its row)
    template <class Visit>
    void visit(Visit visit) const {
        for (std::int64_t r = 0; r < points_.rows; r++) {
            if (r % 4096 == 0) host_.poll();
            visit(r, values_.data() + static_cast<std::size_t>(points_.origin[r]) * columns());
        }
    }

  private:
    const std::span<const double> values_;
    const Points& points_;
    Host& host_;
};

void count_rows(std::span<const std::int32_t> segment, int segments, SegmentModel& model) {
    model.noise = 0;
    model.sizes.assign(static_cast<std::size_t>(segments), 0);
    for (const std::int32_t s : segment) s < 0 ? model.noise++ : model.sizes[s]++;
}

void fill_means(const RowsInOrder& rows, std::span<const std::int32_t> segment, SegmentModel& model) {
    const std::size_t columns = rows.columns();
    std::vector<long double> sums(columns), segment_sums(columns * model.sizes.size());
    rows.visit([&](std::int64_t r, const double* x) {
        for (std::size_t j = 0; j < columns; j++) sums[j] += x[j];
        if (segment[r] < 0) return;
        for (std::size_t j = 0; j < columns; j++)
            segment_sums[static_cast<std::size_t>(segment[r]) * columns + j] += x[j];
    });
    model.means.assign(columns, 0);
    for (std::size_t j = 0; j < columns; j++)
        model.means[j] = static_cast<double>(sums[j] / static_cast<double>(model.rows));
    model.segment_means.assign(segment_sums.size(), 0);
    for (std::size_t k = 0; k < segment_sums.size(); k++)
        model.segment_means[k] = static_cast<double>(
            segment_sums[k] / static_cast<long double>(std::max<std::int64_t>(model.sizes[k / columns], 1)));
}

// Of shares of the largest one, whose squares are finite.
void fill_deviations(const RowsInOrder& rows, SegmentModel& model) {
    const std::size_t columns = rows.columns();
    std::vector<double> reach(columns);
    rows.visit([&](std::int64_t, const double* x) {
        for (std::size_t j = 0; j < columns; j++)
            reach[j] = std::max(reach[j], std::fabs(x[j] - model.means[j]));
    });
    model.deviations.assign(columns, 0);
    rows.visit([&](std::int64_t, const double* x) {
        for (std::size_t j = 0; j < columns; j++) {
            const double d = reach[j] > 0 ? (x[j] - model.means[j]) / reach[j] : 0;
            model.deviations[j] += d * d / static_cast<double>(model.rows);
        }
    });
    for (std::size_t j = 0; j < columns; j++) model.deviations[j] = std::sqrt(model.deviations[j]) * reach[j];
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

void summarize_segments(std::span<const double> values, const Points& points,
                        std::span<const std::int32_t> segment, int segments, SegmentModel& model,
                        Host& host) {
    model.rows = points.rows;
    const RowsInOrder rows(values, points, host);
    count_rows(segment, segments, model);
    fill_means(rows, segment, model);
    fill_deviations(rows, model);
    model.bins.clear();
    for (std::size_t j = 0; j < model.means.size(); j++)
        model.bins.push_back(bins_of(values, j, model.means.size(), host));
}

std::size_t summary_memory(std::int64_t rows, int columns, int segments) noexcept {
    constexpr std::size_t kPerMean = sizeof(long double) + sizeof(double);
    return static_cast<std::size_t>(segments) * static_cast<std::size_t>(columns) * kPerMean +
           static_cast<std::size_t>(rows) * sizeof(double);
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
