#include "core/ranking/shape_list.hpp"

#include <algorithm>
#include <limits>

#include "core/ranking/best.hpp"
#include "core/runtime/poll_counter.hpp"

namespace personalize::core {

namespace {

constexpr std::int64_t kStepsPerSimilarity = 256;  // as PollCounter counts

}  // namespace

float boosted(float score, float weight) noexcept {
    const float shaped = score > 0 ? score * weight : score / weight;
    return std::clamp(shaped, std::numeric_limits<float>::lowest(), std::numeric_limits<float>::max());
}

void boost_list(std::vector<Scored>& list, std::span<const Boost> boosts, std::span<const float> popularity,
                int n) {
    struct Shaped {
        Scored item;
        float popularity;
    };
    std::vector<Shaped> shaped;
    for (const Scored& item : list) {
        const auto boost = std::ranges::lower_bound(boosts, item.index, {}, &Boost::item);
        const float weight = boost != boosts.end() && boost->item == item.index ? boost->weight : 1;
        shaped.push_back({{item.index, boosted(item.score, weight)}, popularity[item.index] * weight});
    }
    std::ranges::sort(shaped, [](const Shaped& a, const Shaped& b) {
        const bool by_popularity = a.item.score == 0 && b.item.score == 0 && a.popularity != b.popularity;
        return by_popularity ? a.popularity > b.popularity : better(a.item, b.item);
    });
    list.clear();
    for (const Shaped& item : shaped)
        if (std::ssize(list) < n) list.push_back(item.item);
}

void diversify(std::vector<Scored>& list, double diversity, int n, const ItemSimilarity& similarity,
               Host& host) {
    if (list.empty()) return;
    const double highest = list.front().score, lowest = list.back().score;
    const auto relevance = [&](float score) {
        return highest > lowest ? (static_cast<double>(score) - lowest) / (highest - lowest) : 1;
    };
    PollCounter progress(host);
    std::vector<double> nearest(list.size(), -1);
    std::vector<Scored> chosen;
    while (!list.empty() && std::ssize(chosen) < n) {
        std::size_t best = 0;
        double value = -std::numeric_limits<double>::infinity();
        for (std::size_t k = 0; k < list.size(); k++) {
            const double redundancy = chosen.empty() ? 0 : nearest[k];
            const double own = (1 - diversity) * relevance(list[k].score) - diversity * redundancy;
            if (own > value) {
                value = own;
                best = k;
            }
        }
        chosen.push_back(list[best]);
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(best));
        nearest.erase(nearest.begin() + static_cast<std::ptrdiff_t>(best));
        for (std::size_t k = 0; k < list.size(); k++) {
            nearest[k] = std::max(nearest[k], similarity(chosen.back().index, list[k].index));
            progress.count(kStepsPerSimilarity);
        }
    }
    list.swap(chosen);
}

int diversity_pool(int n) noexcept {
    constexpr std::int64_t kFactor = 10, kLeast = 50;
    return static_cast<int>(
        std::min<std::int64_t>(std::max(kFactor * n, kLeast), std::numeric_limits<int>::max()));
}

}  // namespace personalize::core
