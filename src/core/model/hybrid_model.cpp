#include "core/model/hybrid_model.hpp"

#include <algorithm>

#include "core/ranking/score_moments.hpp"
#include "core/runtime/memory_claim.hpp"
#include "core/runtime/poll_counter.hpp"

namespace personalize::core {

namespace {

bool predicts_ratings(const ModelParts& parts) noexcept {
    return parts.rule.feedback == Feedback::explicit_feedback;
}

}  // namespace

HybridModel::HybridModel(std::span<const TrainedModel> models, MemoryBudget& budget, Host& host)
    : budget_(budget) {
    for (const TrainedModel& model : models)
        components_.push_back({model.name, 1, model.image, {}, {}, open_model_image(model.image)});
    items_ = unite(&ModelParts::items, items_of_, host);
    users_ = unite(&ModelParts::users, users_of_, host);
    for (std::size_t c = 0; c < size(); c++) components_[c].items = items_of_[c];
    lay_out_users(host);
    gather_moments(host);
    gather_seen(host);
    gather_popularity();
    budget_.reserve(components_size(components_), "the components");
    payload_ = lay_out_components(components_);
}

// index_of: for each model the index in the union of each of its ids.
IdList HybridModel::unite(IdView ModelParts::*ids, std::vector<std::vector<std::int32_t>>& index_of,
                          Host& host) {
    PollCounter progress(host);
    IdDictionary dictionary((components_.front().parts.*ids).type(), &budget_);
    for (const Component& component : components_) {
        const IdView own = component.parts.*ids;
        budget_.reserve(static_cast<std::size_t>(own.size()) * sizeof(std::int32_t), "the components");
        auto& codes = index_of.emplace_back();
        codes.reserve(static_cast<std::size_t>(own.size()));
        for (std::int64_t k = 0; k < own.size(); k++) {
            codes.push_back(static_cast<std::int32_t>(dictionary.code(own.at(k))));
            progress.count();
        }
    }
    std::vector<std::int32_t> index_of_code;
    IdList list = dictionary.finish(index_of_code, host);
    for (auto& codes : index_of)
        for (std::int32_t& code : codes) code = index_of_code[code];
    return list;
}

// From the index in the union of each user of a model to the user of the model of each in the union.
void HybridModel::lay_out_users(Host& host) {
    for (std::size_t c = 0; c < size(); c++) {
        const auto count = static_cast<std::size_t>(users_.size());
        budget_.reserve(count * sizeof(std::int32_t), "the components");
        std::vector<std::int32_t> own(count, IdView::kNotFound);
        for (std::size_t k = 0; k < users_of_[c].size(); k++)
            own[users_of_[c][k]] = static_cast<std::int32_t>(k);
        users_of_[c].swap(own);
        components_[c].users = users_of_[c];
        host.poll();
    }
}

void HybridModel::gather_moments(Host& host) {
    for (Component& component : components_) {
        const std::size_t size = moments_size(component.parts);
        budget_.reserve(size * sizeof(double), "the components");
        std::vector<double>& moments = moments_of_.emplace_back(size);
        if (size > 0) row_moments(component.parts.item_factors, moments, host);
        component.moments = moments;
    }
}

void HybridModel::gather_seen(Host& host) {
    PollCounter progress(host);
    std::size_t bytes = (static_cast<std::size_t>(users_.size()) + 1) * sizeof(std::int64_t);
    // A gap between items that a component numbers closely may be as wide as all items here.
    std::size_t widest = 1;
    for (std::int64_t most = items_.size(); most >= 128; most /= 128) widest++;
    for (const Component& component : components_) bytes += widest * component.parts.seen.gaps().size_bytes();
    budget_.reserve(bytes, "the components");
    std::vector<std::int32_t> items;
    for (std::int64_t user = 0; user < users_.size(); user++) {
        items.clear();
        for (const Component& component : components_)
            if (const std::int32_t own = component.users[user]; own != IdView::kNotFound)
                component.parts.seen.for_each(
                    own, [&](std::int32_t item) { items.push_back(component.items[item]); });
        std::sort(items.begin(), items.end());
        items.erase(std::unique(items.begin(), items.end()), items.end());
        seen_.add_user(items);
        progress.count(1 + std::ssize(items));
    }
}

// As the first model that knows an item counts it.
void HybridModel::gather_popularity() {
    budget_.reserve(static_cast<std::size_t>(items_.size()) * (sizeof(float) + sizeof(std::int32_t)),
                    "the components");
    popularity_.assign(static_cast<std::size_t>(items_.size()), 0);
    for (auto c = components_.rbegin(); c != components_.rend(); ++c)
        for (std::size_t k = 0; k < c->items.size(); k++) popularity_[c->items[k]] = c->parts.popularity[k];
    popular_order_ = order_by_popularity(popularity_);
}

// Each component encodes by its own; what is liked is said by the first that tells likes from dislikes.
FeedbackRule HybridModel::rule_of_likes() const noexcept {
    FeedbackRule rule;
    const auto tells = std::find_if(components_.begin(), components_.end(),
                                    [](const Component& c) { return c.parts.rule.has_positive_from; });
    if (tells == components_.end()) return rule;
    rule.has_positive_from = true;
    rule.positive_from = tells->parts.rule.positive_from;
    return rule;
}

void HybridModel::set_weights(std::span<const float> weights) noexcept { put_weights(payload_, weights); }

ModelParts HybridModel::parts() const {
    ModelParts parts;
    parts.kind = ModelKind::hybrid;
    parts.users = users_.view();
    parts.items = items_.view();
    parts.popularity = popularity_;
    parts.popular_order = popular_order_;
    parts.seen = seen_.view();
    parts.payload = payload_;
    parts.rule = components_.front().parts.rule;
    const bool all_predict = std::all_of(components_.begin(), components_.end(),
                                         [](const Component& c) { return predicts_ratings(c.parts); });
    if (!all_predict) parts.rule = rule_of_likes();
    parts.objective = {.feedback = parts.rule.feedback, .rank = 0};
    return parts;
}

}  // namespace personalize::core
