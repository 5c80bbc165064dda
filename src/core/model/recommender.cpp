#include "core/model/recommender.hpp"

#include <algorithm>
#include <cmath>

#include "core/model/content_recommender.hpp"
#include "core/model/factor_recommender.hpp"
#include "core/model/hybrid_recommender.hpp"
#include "core/model/item_neighbour_recommender.hpp"
#include "core/model/user_neighbour_recommender.hpp"
#include "core/runtime/error.hpp"

namespace personalize::core {

namespace {

double cosine(SparseRow a, SparseRow b) noexcept {
    double product = 0, square_a = 0, square_b = 0;
    for (const float x : a.values) square_a += static_cast<double>(x) * x;
    for (const float x : b.values) square_b += static_cast<double>(x) * x;
    for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
        if (a.columns[i] == b.columns[j])
            product += static_cast<double>(a.values[i++]) * b.values[j++];
        else
            (a.columns[i] < b.columns[j] ? i : j)++;
    }
    const double length = std::sqrt(square_a) * std::sqrt(square_b);
    return length > 0 ? std::clamp(product / length, -1.0, 1.0) : 0;
}

}  // namespace

std::size_t Taste::bytes() const noexcept {
    std::size_t bytes = sizeof(Taste);
    for (const Taste& part : parts) bytes += part.bytes();
    for (const Addend& addend : addends) bytes += addend.scores.capacity() * sizeof(float);
    bytes += sums.capacity() * sizeof(float);
    return bytes + Factors::memory(factor.rows(), factor.width()) +
           (items.capacity() + profile.terms.capacity()) * (sizeof(std::int32_t) + sizeof(float)) +
           neighbours.capacity() * sizeof(Scored);
}

Taste Recommender::current_taste(const UserHistory& history) {
    const Observations told = history.observations(parts_.rule);
    return told.items.empty() ? Taste() : taste_of(told);
}

ItemExplanation Recommender::explain_current(const UserHistory& history, std::int32_t item, Host& host) {
    Observations told = history.observations(parts_.rule);
    if (told.items.empty()) return {};
    Explanation explanation = explain_told(told, item, host);
    return {std::move(told.items), std::move(explanation)};
}

double Recommender::similarity(std::int32_t a, std::int32_t b) const {
    return cosine(parts_.neighbours.row(a), parts_.neighbours.row(b));
}

std::unique_ptr<Recommender> make_recommender(const ModelParts& parts) {
    switch (parts.kind) {
        case ModelKind::factors:
            return std::make_unique<FactorRecommender>(parts);
        case ModelKind::item_neighbours:
            return std::make_unique<ItemNeighbourRecommender>(parts);
        case ModelKind::user_neighbours:
            return std::make_unique<UserNeighbourRecommender>(parts);
        case ModelKind::hybrid:
            return std::make_unique<HybridRecommender>(parts);
        case ModelKind::segments:
            return nullptr;
        case ModelKind::content:
            return std::make_unique<ContentRecommender>(parts);
    }
    throw CorruptModel("its kind is unknown");
}

}  // namespace personalize::core
