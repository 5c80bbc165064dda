#include "core/model/recommender.hpp"

#include "core/model/factor_recommender.hpp"
#include "core/model/hybrid_recommender.hpp"
#include "core/model/item_neighbour_recommender.hpp"
#include "core/model/user_neighbour_recommender.hpp"
#include "core/runtime/error.hpp"

namespace personalize::core {

std::size_t Taste::bytes() const noexcept {
    std::size_t bytes = sizeof(Taste);
    for (const Taste& part : parts) bytes += part.bytes();
    bytes += scores.capacity() * sizeof(float) + spoken_by.capacity();
    return bytes + Factors::memory(factor.rows(), factor.width()) +
           items.capacity() * (sizeof(std::int32_t) + sizeof(float)) + neighbours.capacity() * sizeof(Scored);
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
    }
    throw CorruptModel("its kind is unknown");
}

}  // namespace personalize::core
