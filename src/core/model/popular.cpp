#include "core/model/popular.hpp"

namespace personalize::core {

std::vector<Scored> most_popular(const ModelParts& parts, const ItemSet* excluded, int n,
                                 const std::vector<std::int32_t>* candidates) {
    ItemSet wanted;
    if (candidates != nullptr) {
        wanted.reset(parts.items.size());
        for (const std::int32_t item : *candidates) wanted.insert(item);
    }
    std::vector<Scored> best;
    for (const std::int32_t item : parts.popular_order) {
        if (best.size() >= static_cast<std::size_t>(n)) break;
        if (excluded != nullptr && excluded->contains(item)) continue;
        if (candidates != nullptr && !wanted.contains(item)) continue;
        best.push_back({item, parts.popularity[item]});
    }
    return best;
}

}  // namespace personalize::core
