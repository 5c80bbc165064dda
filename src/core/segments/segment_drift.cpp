#include "core/segments/segment_drift.hpp"

#include <algorithm>

namespace personalize::core {

namespace {

double share(std::int64_t part, std::int64_t whole) noexcept {
    return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

}  // namespace

DriftCounter::DriftCounter(SegmentAssigner& assigner)
    : assigner_(assigner),
      sizes_(assigner.model().sizes.size() + 1),
      sums_(static_cast<std::size_t>(assigner.model().columns())) {
    for (const Bins& bins : assigner.model().bins) bins_.emplace_back(bins.shares.size());
}

void DriftCounter::add(const double* columns) {
    rows_++;
    if (columns == nullptr) return;
    complete_++;
    const std::int32_t segment = assigner_.assign(columns);
    sizes_[segment < 0 ? sizes_.size() - 1 : static_cast<std::size_t>(segment)]++;
    for (std::size_t j = 0; j < sums_.size(); j++) {
        sums_[j] += columns[j];
        bins_[j][bin_of(assigner_.model().bins[j], columns[j])]++;
    }
}

std::vector<DriftRow> DriftCounter::segment_rows() const {
    const SegmentModel& model = assigner_.model();
    std::vector<double> then, now;
    for (std::size_t s = 0; s < sizes_.size(); s++) {
        then.push_back(share(s < model.sizes.size() ? model.sizes[s] : model.noise, model.rows));
        now.push_back(share(sizes_[s], complete_));
    }
    std::vector<DriftRow> rows;
    if (complete_ > 0) rows.push_back({"segments", "", kMissing, kMissing, stability_index(then, now)});
    for (std::size_t s = 0; s < sizes_.size(); s++) {
        const bool is_noise = s == model.sizes.size();
        if (is_noise && model.algorithm == SegmentAlgorithm::kmeans) continue;
        const double part = complete_ > 0
                                ? stability_index(std::span(then).subspan(s, 1), std::span(now).subspan(s, 1))
                                : kMissing;
        rows.push_back({"segment", is_noise ? "noise" : std::to_string(s + 1), then[s],
                        complete_ > 0 ? now[s] : kMissing, part});
    }
    return rows;
}

std::vector<DriftRow> DriftCounter::feature_rows() const {
    const SegmentModel& model = assigner_.model();
    std::vector<DriftRow> rows;
    std::size_t j = 0;
    for (const SegmentFeature& feature : model.features)
        for (int c = 0; c < feature.columns(); c++, j++) {
            DriftRow row{"feature", feature.name, model.means[j], kMissing, kMissing};
            if (feature.type == FeatureType::category) row.name += " " + feature.categories[c];
            if (complete_ > 0) {
                std::vector<double> now;
                for (const std::int64_t rows_in : bins_[j]) now.push_back(share(rows_in, complete_));
                row.now = static_cast<double>(sums_[j] / static_cast<long double>(complete_));
                row.index = stability_index(model.bins[j].shares, now);
            }
            rows.push_back(std::move(row));
        }
    return rows;
}

std::vector<DriftRow> DriftCounter::finish() const {
    std::vector<DriftRow> rows{
        {"rows", "", static_cast<double>(assigner_.model().rows), static_cast<double>(rows_), kMissing},
        {"rows", "without a feature", 0, static_cast<double>(rows_ - complete_), kMissing}};
    for (const auto& more : {segment_rows(), feature_rows()})
        rows.insert(rows.end(), more.begin(), more.end());
    return rows;
}

}  // namespace personalize::core
