#include "core/model/popular.hpp"

#include <algorithm>

#include "core/model/hybrid_components.hpp"

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

namespace {

// A hybrid of models of different feedback has no rule of its own: it counts as its first component does.
FeedbackRule counting_rule(const ModelParts& parts) {
    if (parts.kind != ModelKind::hybrid) return parts.rule;
    return open_components(parts.payload, parts.users.size()).front().parts.rule;
}

}  // namespace

std::vector<Scored> most_popular_among(const ModelParts& parts, Ratings& ratings, int n) {
    const FeedbackRule rule = counting_rule(parts);
    encode(ratings.by_user, rule);
    const std::vector<float> count = count_popularity(ratings.by_user, rule.feedback);
    std::vector<float> score(static_cast<std::size_t>(parts.items.size()));
    for (std::size_t k = 0; k < count.size(); k++) {
        const auto item = parts.items.find(ratings.items.view().at(static_cast<std::int64_t>(k)));
        if (item != IdView::kNotFound) score[item] = count[k];
    }
    std::vector<Scored> best;
    for (const std::int32_t item : parts.popular_order) best.push_back({item, score[item]});
    std::stable_sort(best.begin(), best.end(),
                     [](const Scored& a, const Scored& b) { return a.score > b.score; });
    best.resize(std::min(best.size(), static_cast<std::size_t>(n)));
    return best;
}

}  // namespace personalize::core
