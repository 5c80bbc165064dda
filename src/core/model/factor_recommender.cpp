#include "core/model/factor_recommender.hpp"

#include <algorithm>
#include <cmath>

#include "core/model/popular.hpp"
#include "core/model/predict.hpp"
#include "core/runtime/error.hpp"

namespace personalize::core {

namespace {

bool follow_one_another(std::span<const std::int32_t> users) noexcept {
    for (std::size_t k = 1; k < users.size(); k++)
        if (users[k] != users[k - 1] + 1) return false;
    return true;
}

// Factors and seen items of some users, side by side as bulk ranking takes them.
struct Gathered {
    Factors factors;
    SeenItemsList seen;

    Gathered(const ModelParts& model, std::span<const std::int32_t> users, bool with_seen)
        : factors(std::ssize(users), model.user_factors.width) {
        for (std::size_t k = 0; k < users.size(); k++) {
            std::copy_n(model.user_factors.row(users[k]), model.user_factors.stride,
                        factors.row(static_cast<std::int64_t>(k)));
            if (with_seen)
                seen.add_user(model.seen, users[k]);
            else
                seen.add_user({});
        }
    }
};

}  // namespace

PosteriorFoldIn& FactorRecommender::posterior() {
    if (!posterior_) posterior_ = PosteriorFoldIn::of(parts_.posterior);
    return *posterior_;
}

void FactorRecommender::fold_in(std::span<const std::int32_t> items, std::span<const float> values,
                                float* row) {
    if (is_sampled()) return posterior().solve(parts_.item_factors, items, values, row);
    if (!fold_in_) fold_in_ = FoldIn::of(parts_.objective);
    fold_in_->solve(parts_.item_factors, parts_.base_gram.data(), items, values, row);
}

Taste FactorRecommender::taste(std::span<const std::int32_t> items, std::span<const float> values) {
    Taste result{.personal = true, .factor = Factors(1, parts_.objective.width()), .items = {}, .values = {}};
    float* const row = result.factor.row(0);
    fold_in(items, values, row);
    if (!std::all_of(row, row + result.factor.width(), [](float x) { return std::isfinite(x); }))
        throw CorruptModel("it gives no finite factor for a user");
    return result;
}

// A user who liked nothing has factors of zero.
bool FactorRecommender::has_stored_taste(std::int32_t user) const {
    const float* const factor = parts_.user_factors.row(user);
    return std::any_of(factor, factor + parts_.user_factors.width, [](float x) { return x != 0; });
}

Taste FactorRecommender::stored_taste(std::int32_t user) const {
    Taste result;
    result.personal = has_stored_taste(user);
    if (!result.personal) return result;
    result.factor = Factors(1, parts_.user_factors.width);
    std::copy_n(parts_.user_factors.row(user), parts_.user_factors.stride, result.factor.row(0));
    return result;
}

void FactorRecommender::all_scores(const Taste& taste, std::span<float> scores) const {
    score_all(parts_.item_factors, taste.factor.row(0), parts_.offset(), scores.data());
}

void FactorRecommender::best_items(const Taste& taste, const ItemSet* excluded, int k,
                                   std::vector<Scored>& result) {
    top_items(parts_.item_factors, parts_.item_index, taste.factor.row(0), parts_.offset(), excluded, k,
              result);
}

void FactorRecommender::best_candidates(const Taste& taste, const ItemSet* excluded,
                                        std::span<const std::int32_t> candidates, int k,
                                        std::vector<Scored>& result) const {
    top_candidates(parts_.item_factors, taste.factor.row(0), parts_.offset(), excluded, candidates, k,
                   result);
}

void FactorRecommender::best_for_users(const ListsRequest& wanted, Host& host,
                                       std::vector<Scored>& result) const {
    rank_all(wanted, host, result);
    ItemSet seen;
    for (std::size_t k = 0; k < wanted.users.size(); k++) {
        if (has_stored_taste(wanted.users[k])) continue;
        seen.reset(parts_.items.size());
        if (wanted.exclude_seen)
            parts_.seen.for_each(wanted.users[k], [&seen](std::int32_t item) { seen.insert(item); });
        const std::vector<Scored> popular = most_popular(parts_, &seen, wanted.k, nullptr);
        const auto place = result.begin() + static_cast<std::ptrdiff_t>(k) * wanted.k;
        std::fill(std::copy(popular.begin(), popular.end(), place), place + wanted.k, Scored{-1, 0});
        host.poll();
    }
}

void FactorRecommender::rank_all(const ListsRequest& wanted, Host& host, std::vector<Scored>& result) const {
    const auto count = std::ssize(wanted.users);
    if (wanted.exclude_seen && count > 0 && follow_one_another(wanted.users))
        return top_items_for_all(parts_.user_factors, parts_.item_factors, parts_.offset(), parts_.seen,
                                 wanted.users.front(), count, wanted.k, wanted.threads, host, result);
    const Gathered gathered(parts_, wanted.users, wanted.exclude_seen);
    top_items_for_all(gathered.factors.view(), parts_.item_factors, parts_.offset(), gathered.seen.view(), 0,
                      count, wanted.k, wanted.threads, host, result);
}

std::size_t FactorRecommender::best_for_users_memory(std::int64_t users, int) const noexcept {
    return Factors::memory(users, parts_.objective.width()) + parts_.seen.gaps().size_bytes();
}

std::optional<RatingDistribution> FactorRecommender::predict_distribution(std::span<const std::int32_t> items,
                                                                          std::span<const float> values,
                                                                          std::int32_t item) {
    if (!is_sampled()) return std::nullopt;
    Factors row(1, parts_.objective.width());
    posterior().solve(parts_.item_factors, items, values, row.row(0));
    RatingDistribution result = posterior().predict(parts_.item_factors, item);
    result.mean += parts_.offset();
    return result;
}

std::optional<float> FactorRecommender::predict(const Taste& taste, std::int32_t item) const noexcept {
    return core::predict(parts_, taste.personal ? taste.factor.row(0) : nullptr, item);
}

Explanation FactorRecommender::explain(std::span<const std::int32_t> items, std::span<const float> values,
                                       std::int32_t item, Host& host) {
    Explanation result;
    if (is_sampled()) {
        Factors row(1, parts_.objective.width());
        posterior().solve(parts_.item_factors, items, values, row.row(0));
        result = posterior().explain(parts_.item_factors, items, values, item);
    } else {
        result = explain_fold_in(parts_.objective, parts_.item_factors, parts_.base_gram.data(), items,
                                 values, item, host);
    }
    result.baseline += parts_.offset();
    return result;
}

double FactorRecommender::similarity(std::int32_t a, std::int32_t b) const {
    const float *const x = parts_.item_factors.row(a), *const y = parts_.item_factors.row(b);
    double product = 0, square_x = 0, square_y = 0;
    for (int k = 0; k < parts_.objective.rank; k++) {
        product += static_cast<double>(x[k]) * y[k];
        square_x += static_cast<double>(x[k]) * x[k];
        square_y += static_cast<double>(y[k]) * y[k];
    }
    const double length = std::sqrt(square_x) * std::sqrt(square_y);
    return length > 0 ? std::clamp(product / length, -1.0, 1.0) : 0;
}

void FactorRecommender::similar_items(std::int32_t item, int k, std::vector<Scored>& result) const {
    most_similar(parts_.item_factors, parts_.objective.rank, parts_.item_factors.row(item), item, k, result);
}

void FactorRecommender::similar_users(const Taste& taste, std::int32_t self, int k,
                                      std::vector<Scored>& result) const {
    most_similar(parts_.user_factors, parts_.objective.rank, taste.factor.row(0), self, k, result);
}

}  // namespace personalize::core
