#include "core/evaluation/list_quality.hpp"

#include <algorithm>
#include <cmath>

#include "core/evaluation/averages.hpp"

namespace personalize::core {

namespace {

double square_norm(const float* row, int rank) noexcept {
    double sum = 0;
    for (int j = 0; j < rank; j++) sum += static_cast<double>(row[j]) * row[j];
    return sum;
}

}  // namespace

ListJudge::ListJudge(const ModelParts& model)
    : model_(model), direction_(static_cast<std::size_t>(model.objective.rank)) {}

// The sum of n unit vectors has the square norm n + 2 x (the sum of cosines over pairs).
ListQuality ListJudge::judge(std::span<const Scored> list) {
    const int rank = model_.objective.rank;
    const auto users = static_cast<double>(model_.users.size());
    std::fill(direction_.begin(), direction_.end(), 0);
    double directions = 0, novelty = 0;
    for (const Scored& item : list) {
        novelty -= std::log2(std::max(1.0, static_cast<double>(model_.popularity[item.index])) / users);
        const float* const row = model_.item_factors.row(item.index);
        const double square = square_norm(row, rank);
        if (!(square > 0)) continue;
        const double scale = 1 / std::sqrt(square);
        for (int j = 0; j < rank; j++) direction_[j] += scale * row[j];
        directions++;
    }
    double square = 0;
    for (const double x : direction_) square += x * x;
    return {directions < 2 ? kUndefined : 1 - (square - directions) / (directions * (directions - 1)),
            list.empty() ? kUndefined : novelty / static_cast<double>(list.size())};
}

double Exposure::coverage() const noexcept {
    const auto exposed = std::count_if(count_.begin(), count_.end(), [](std::int64_t c) { return c > 0; });
    return static_cast<double>(exposed) / static_cast<double>(count_.size());
}

double Exposure::gini() const {
    std::vector<std::int64_t> sorted = count_;
    std::sort(sorted.begin(), sorted.end());
    const auto n = static_cast<double>(sorted.size());
    double sum = 0, weighted = 0;
    for (std::size_t k = 0; k < sorted.size(); k++) {
        sum += static_cast<double>(sorted[k]);
        weighted += (2 * static_cast<double>(k + 1) - n - 1) * static_cast<double>(sorted[k]);
    }
    return sum > 0 ? weighted / (n * sum) : kUndefined;
}

}  // namespace personalize::core
