// How a model of segments is laid out: doc/model_format.md.
#include <cmath>
#include <cstring>

#include "core/runtime/error.hpp"
#include "core/segments/kmeans.hpp"
#include "core/segments/segment_model.hpp"

namespace personalize::core {

namespace {

// Puts bytes one behind the other, or only counts them where there is nowhere to put them.
class Writer {
  public:
    explicit Writer(std::byte* to) : to_(to) {}

    template <class T>
    void number(T value) {
        put(&value, 1);
    }
    template <class T>
    void numbers(const std::vector<T>& values) {
        number<std::uint64_t>(values.size());
        put(values.data(), values.size());
    }
    void text(const std::string& text) {
        number<std::uint64_t>(text.size());
        put(text.data(), text.size());
    }
    std::size_t size() const noexcept { return size_; }

  private:
    template <class T>
    void put(const T* values, std::size_t count) {
        static_assert(std::is_trivially_copyable_v<T>);
        if (to_ != nullptr && count > 0) std::memcpy(to_ + size_, values, count * sizeof(T));
        size_ += count * sizeof(T);
    }

    std::byte* const to_;
    std::size_t size_ = 0;
};

[[noreturn]] void refuse(const char* what) { throw CorruptModel(what); }

class Reader {
  public:
    explicit Reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

    template <class T>
    T number() {
        T value;
        if (bytes_.size() < sizeof value) refuse("its segments end too early");
        std::memcpy(&value, bytes_.data(), sizeof value);
        bytes_ = bytes_.subspan(sizeof value);
        return value;
    }
    double finite() {
        const auto value = number<double>();
        if (!std::isfinite(value)) refuse("its segments hold a number that is not finite");
        return value;
    }
    std::uint64_t count(std::size_t bytes_each) {
        const auto count = number<std::uint64_t>();
        if (count > bytes_.size() / bytes_each) refuse("its segments end too early");
        return count;
    }
    std::vector<double> finite_numbers() {
        std::vector<double> values(count(sizeof(double)));
        for (double& value : values) value = finite();
        return values;
    }
    template <class T>
    std::vector<T> numbers() {
        std::vector<T> values(count(sizeof(T)));
        for (T& value : values) value = number<T>();
        return values;
    }
    std::string text() {
        std::string text(count(1), '\0');
        for (char& c : text) c = number<char>();
        return text;
    }
    template <class Enum>
    Enum choice(Enum last) {
        const auto value = number<std::uint8_t>();
        if (value > static_cast<std::uint8_t>(last)) refuse("its segments are of an unknown kind");
        return static_cast<Enum>(value);
    }
    bool at_end() const noexcept { return bytes_.empty(); }

  private:
    std::span<const std::byte> bytes_;
};

void write_feature(Writer& to, const SegmentFeature& feature) {
    to.text(feature.name);
    to.number(static_cast<std::uint8_t>(feature.type));
    to.number(feature.fill);
    to.number(static_cast<std::uint8_t>(feature.allows_missing));
    to.number<std::uint64_t>(feature.categories.size());
    for (const std::string& category : feature.categories) to.text(category);
}

SegmentFeature read_feature(Reader& from) {
    SegmentFeature feature;
    feature.name = from.text();
    feature.type = from.choice(FeatureType::category);
    feature.fill = from.number<double>();
    feature.allows_missing = from.number<std::uint8_t>() != 0;
    const std::uint64_t count = from.count(1);
    if (count > kMaxCategories || std::isinf(feature.fill)) refuse("its features are out of range");
    for (std::uint64_t k = 0; k < count; k++) {
        feature.categories.push_back(from.text());
        if (k > 0 && feature.categories[k - 1] >= feature.categories[k])
            refuse("its categories are not in order");
    }
    return feature;
}

std::optional<double> optional_of(double value) {
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

void write_quality(Writer& to, const SegmentModel& model) {
    to.number(model.quality.inertia);
    to.number(model.quality.silhouette.value_or(kMissing));
    to.number(model.quality.silhouette_points);
    to.number(model.quality.davies_bouldin.value_or(kMissing));
    to.number(model.quality.calinski_harabasz.value_or(kMissing));
    to.number(model.stability);
}

void read_quality(Reader& from, SegmentModel& model) {
    model.quality.inertia = from.finite();
    model.quality.silhouette = optional_of(from.number<double>());
    model.quality.silhouette_points = from.number<std::int64_t>();
    model.quality.davies_bouldin = optional_of(from.number<double>());
    model.quality.calinski_harabasz = optional_of(from.number<double>());
    model.stability = from.number<double>();
}

void read_space(Reader& from, SegmentModel& model) {
    const std::uint64_t columns = from.count(2 * sizeof(double));
    for (std::uint64_t j = 0; j < columns; j++) {
        const double centre = from.finite();
        model.space.axes.push_back({centre, from.finite()});
    }
    model.space.unit_exponent = from.number<std::int32_t>();
    if (model.space.unit_exponent < -149 || model.space.unit_exponent > 127)
        refuse("its unit is out of range");
}

void read_bins(Reader& from, SegmentModel& model) {
    const std::uint64_t count = from.count(1);
    for (std::uint64_t j = 0; j < count; j++) {
        Bins bins;
        bins.edges = from.finite_numbers();
        bins.shares = from.finite_numbers();
        if (bins.shares.size() != bins.edges.size() + 1 ||
            !std::is_sorted(bins.edges.begin(), bins.edges.end()))
            refuse("its bins are not in order");
        model.bins.push_back(std::move(bins));
    }
}

void check_sizes(const SegmentModel& model) {
    const auto columns = static_cast<std::size_t>(model.columns()), segments = model.sizes.size();
    std::int64_t rows = model.noise;
    bool descending = model.noise >= 0;
    for (std::size_t s = 0; s < segments; s++) {
        descending &= model.sizes[s] >= 1 && (s == 0 || model.sizes[s] <= model.sizes[s - 1]);
        if (__builtin_add_overflow(rows, model.sizes[s], &rows)) descending = false;
    }
    if (!descending || rows != model.rows || rows < 1) refuse("its segments have sizes that cannot be");
    const bool is_kmeans = model.algorithm == SegmentAlgorithm::kmeans;
    if (columns == 0 || static_cast<std::size_t>(columns_of(model.features)) != columns ||
        model.means.size() != columns || model.deviations.size() != columns || model.bins.size() != columns ||
        model.centroids.size() != segments * columns || model.segment_means.size() != segments * columns ||
        model.cores.size() != model.core_segment.size() * columns || (is_kmeans && segments == 0))
        refuse("its segments and features do not go together");
}

void check_places(const SegmentModel& model) {
    const double most = model.algorithm == SegmentAlgorithm::kmeans ? kLargestCoordinate : dbscan::kLargest;
    for (const double x : model.centroids)
        if (std::fabs(x) > most) refuse("its centroids are out of range");
    for (const double x : model.cores)
        if (std::fabs(x) > dbscan::kLargest) refuse("its core points are out of range");
    for (const std::int32_t segment : model.core_segment)
        if (segment < 0 || segment >= model.segments()) refuse("its core points are in no segment");
    if (model.algorithm == SegmentAlgorithm::dbscan &&
        !(model.eps >= dbscan::kLeastEps && model.eps <= dbscan::kLargest))
        refuse("its eps is out of range");
}

void write(Writer& to, const SegmentModel& model) {
    to.number(static_cast<std::uint8_t>(model.algorithm));
    to.number(static_cast<std::uint8_t>(model.scaling));
    to.number<std::uint64_t>(model.features.size());
    for (const SegmentFeature& feature : model.features) write_feature(to, feature);
    to.number<std::uint64_t>(model.space.axes.size());
    for (const Axis& axis : model.space.axes) {
        to.number(axis.centre);
        to.number(axis.factor);
    }
    to.number<std::int32_t>(model.space.unit_exponent);
    to.number(model.rows);
    to.number(model.noise);
    to.numbers(model.sizes);
    for (const auto* values : {&model.centroids, &model.means, &model.deviations, &model.segment_means})
        to.numbers(*values);
    to.number<std::uint64_t>(model.bins.size());
    for (const Bins& bins : model.bins) {
        to.numbers(bins.edges);
        to.numbers(bins.shares);
    }
    write_quality(to, model);
    to.number(model.eps);
    to.number(model.min_points);
    to.numbers(model.cores);
    to.numbers(model.core_segment);
}

}  // namespace

std::size_t segment_model_size(const SegmentModel& model) {
    Writer counter(nullptr);
    write(counter, model);
    return counter.size();
}

std::vector<std::byte> write_segment_model(const SegmentModel& model) {
    std::vector<std::byte> bytes(segment_model_size(model));
    Writer to(bytes.data());
    write(to, model);
    return bytes;
}

SegmentModel read_segment_model(std::span<const std::byte> bytes) {
    Reader from(bytes);
    SegmentModel model;
    model.algorithm = from.choice(SegmentAlgorithm::dbscan);
    model.scaling = from.choice(FeatureScaling::robust);
    const std::uint64_t features = from.count(1);
    for (std::uint64_t f = 0; f < features; f++) model.features.push_back(read_feature(from));
    read_space(from, model);
    model.rows = from.number<std::int64_t>();
    model.noise = from.number<std::int64_t>();
    model.sizes = from.numbers<std::int64_t>();
    for (auto* values : {&model.centroids, &model.means, &model.deviations, &model.segment_means})
        *values = from.finite_numbers();
    read_bins(from, model);
    read_quality(from, model);
    model.eps = from.finite();
    model.min_points = from.number<std::int32_t>();
    model.cores = from.finite_numbers();
    model.core_segment = from.numbers<std::int32_t>();
    if (!from.at_end()) refuse("its segments are followed by something else");
    check_sizes(model);
    check_places(model);
    return model;
}

}  // namespace personalize::core
