#include "core/model/recommender.hpp"

#include "core/model/content_recommender.hpp"
#include "core/model/factor_recommender.hpp"
#include "core/model/neighbour_recommender.hpp"
#include "core/runtime/error.hpp"

namespace personalize::core {

std::size_t Taste::bytes() const noexcept {
    return sizeof(Taste) + Factors::memory(factor.rows(), factor.width()) +
           (items.capacity() + profile.terms.capacity()) * (sizeof(std::int32_t) + sizeof(float));
}

std::unique_ptr<Recommender> make_recommender(const ModelParts& parts) {
    switch (parts.kind) {
        case ModelKind::factors:
            return std::make_unique<FactorRecommender>(parts);
        case ModelKind::item_neighbours:
            return std::make_unique<ItemNeighbourRecommender>(parts);
        case ModelKind::content:
            return std::make_unique<ContentRecommender>(parts);
    }
    throw CorruptModel("its kind is unknown");
}

}  // namespace personalize::core
