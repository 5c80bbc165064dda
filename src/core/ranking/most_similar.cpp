#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "core/ranking/best.hpp"
#include "core/ranking/dot_products.hpp"
#include "core/ranking/top_k.hpp"

namespace personalize::core {

namespace {

// More than a cosine computed in floats is off, of rows whose squares are in this range.
constexpr float kMargin = 5e-4f, kLeastSquare = 1e-25f, kGreatestSquare = 1e30f;

double squared_length(const float* row, int width) {
    double square = 0;
    for (int k = 0; k < width; k++) square += static_cast<double>(row[k]) * row[k];
    return square;
}

class Query {
  public:
    Query(const float* query, int rank, int stride)
        : query_(query),
          rank_(rank),
          square_(squared_length(query, rank)),
          direction_(static_cast<std::size_t>(stride)),
          counts_(direction_.size()) {
        for (int k = 0; k < rank && square_ > 0; k++) {
            direction_[k] = static_cast<float>(query[k] / std::sqrt(square_));
            counts_[k] = 1;
        }
    }

    bool has_direction() const noexcept { return square_ > 0; }

    // A bit for each row whose cosine may be `threshold` or more.
    PERSONALIZE_INLINE std::uint32_t may_reach(const float* const (&rows)[kLanes], float threshold) const {
        Lanes product{}, square{};
        for (int k = 0; k < rank_; k += kLanes) {
            Lanes columns[kLanes];
            PERSONALIZE_UNROLL
            for (int r = 0; r < kLanes; r++) columns[r] = load(rows[r] + k);
            transpose(columns);
            PERSONALIZE_UNROLL
            for (int c = 0; c < kLanes; c++) {
                product = multiply_add(splat(direction_[k + c]), columns[c], product);
                square = multiply_add(splat(counts_[k + c]) * columns[c], columns[c], square);
            }
        }
        const std::uint32_t all = (std::uint32_t{1} << kLanes) - 1;
        return lanes_not_below(product, splat(threshold - kMargin) * square_root(square)) |
               lanes_not_below(square, splat(kGreatestSquare)) |
               (all & ~lanes_not_below(square, splat(kLeastSquare)));
    }

    // In double precision; nothing has no direction.
    void offer(const float* row, std::int32_t index, Best& best) const {
        double product = 0;
        for (int k = 0; k < rank_; k++) product += static_cast<double>(query_[k]) * row[k];
        const double square = squared_length(row, rank_);
        if (square > 0)
            best.offer(index,
                       static_cast<float>(std::clamp(product / std::sqrt(square_ * square), -1.0, 1.0)));
    }

  private:
    const float* const query_;
    const int rank_;
    const double square_;
    std::vector<float> direction_, counts_;  // counts_: 1 for columns that are factors, then 0
};

}  // namespace

void most_similar(FactorsView rows, int rank, const float* query, std::int32_t self, int k,
                  std::vector<Scored>& result) {
    const Query wanted(query, rank, rows.stride);
    Best best;
    best.reset(wanted.has_direction() ? k : 0, rows.rows);
    for (std::int64_t first = 0; first < rows.rows; first += kLanes) {
        const auto count = static_cast<int>(std::min<std::int64_t>(kLanes, rows.rows - first));
        const float* each[kLanes];
        PERSONALIZE_UNROLL
        for (int r = 0; r < kLanes; r++) each[r] = rows.row(first + std::min(r, count - 1));
        std::uint32_t reached = wanted.may_reach(each, best.threshold());
        for (; reached != 0; reached &= reached - 1) {
            const int r = std::countr_zero(reached);
            const auto index = static_cast<std::int32_t>(first + r);
            if (r < count && index != self) wanted.offer(each[r], index, best);
        }
    }
    const auto kept = best.finish();
    result.assign(kept.begin(), kept.end());
}

}  // namespace personalize::core
