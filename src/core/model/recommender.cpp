#include "core/model/recommender.hpp"

#include "core/model/factor_recommender.hpp"

namespace personalize::core {

std::size_t Taste::bytes() const noexcept {
    return sizeof(Taste) + Factors::memory(factor.rows(), factor.width()) +
           items.capacity() * (sizeof(std::int32_t) + sizeof(float));
}

std::unique_ptr<Recommender> make_recommender(const ModelParts& parts) {
    return std::make_unique<FactorRecommender>(parts);
}

}  // namespace personalize::core
