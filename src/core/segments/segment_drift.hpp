// How rows have moved since a model of segments was trained.
#pragma once

#include <string>
#include <vector>

#include "core/segments/segment_model.hpp"

namespace personalize::core {

struct DriftRow {
    std::string kind;  // 'rows', 'segments', 'segment', 'feature'
    std::string
        name;  // of a segment its number, from 1, or 'noise'; of a feature its name, with its category
    // Rows: how many; segment: its share of the rows; feature: its mean; kMissing for 'segments'.
    double then = kMissing, now = kMissing;
    // stability_index() of the shares of segments, or of a feature's bins; of one segment its part of it;
    // kMissing where there is none.
    double index = kMissing;
};

class DriftCounter {
  public:
    // The assigner must live as long.
    explicit DriftCounter(SegmentAssigner& assigner);
    // The columns of a row's features, or null where it lacks some: then it is in no segment.
    void add(const double* columns);
    std::vector<DriftRow> finish() const;

  private:
    std::vector<DriftRow> segment_rows() const;
    std::vector<DriftRow> feature_rows() const;

    SegmentAssigner& assigner_;
    std::int64_t rows_ = 0, complete_ = 0;
    std::vector<std::int64_t> sizes_;  // of the segments, then of noise
    std::vector<long double> sums_;    // of each column
    std::vector<std::vector<std::int64_t>> bins_;
};

}  // namespace personalize::core
