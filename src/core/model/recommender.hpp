// What a model answers, whatever its kind: the one door through which serving and evaluation ask it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/factorization/explain.hpp"
#include "core/factorization/factors.hpp"
#include "core/factorization/rating_posterior.hpp"
#include "core/model/model_image.hpp"
#include "core/ranking/top_k.hpp"
#include "core/ratings/user_history.hpp"
#include "core/runtime/host.hpp"

namespace personalize::core {

// What a user's likes have in common, as a direction of length 1.
struct Profile {
    std::vector<std::int32_t> terms;  // ascending
    std::vector<float> weights;
};

// What a model scores by for one user; which members are used depends on its kind.
struct Taste {
    bool personal = false;                // there is something to go by
    Factors factor;                       // models of factors: one row, as their rows of users
    std::vector<std::int32_t> items;      // models of neighbours: the user's observations, items ascending,
    std::vector<float> values;            // encoded (feedback.hpp)
    std::vector<Scored> neighbours = {};  // models of users' neighbours: these, best first
    Profile profile = {};                 // models of content
    // Hybrids: the taste as each component has it, and what each adds to every item's score, 0 where it does
    // not know the item; their sum, where it is not the only one of them. by_factors >= 0: the component of
    // this index is not among them, it adds factor . item + offset.
    struct Addend {
        std::size_t component;
        std::vector<float> scores;
    };
    std::vector<Taste> parts = {};
    std::vector<Addend> addends = {};
    std::vector<float> sums = {};
    int by_factors = -1;
    float offset = 0;

    std::size_t bytes() const noexcept;
};

// Lists of many users at once: the k best items of each, without what it has seen if exclude_seen.
struct ListsRequest {
    std::span<const std::int32_t> users;
    bool exclude_seen = true;
    int k = 10;
    int threads = 1;
};

// What a taste says of one term of the items, and how many of the user's items have that.
struct TasteTerm {
    std::string_view name;
    float weight;  // below 0: it speaks against an item
    // A number, high or low: the items have it with both signs. Else they have the term or not.
    bool is_amount;
    std::int64_t liked, disliked;
};

// Why a user has the score that they have: what each of some items that they rated adds to it.
struct ItemExplanation {
    std::vector<std::int32_t> items;
    Explanation explanation;  // a contribution for each of them
};

// One for each backend or thread: it keeps scratch memory. Items in `excluded` (may be null) are left out of
// lists; equal scores are in order of index, or where a kind says so of popularity. Methods that are const
// may be called from several threads.
class Recommender {
  public:
    explicit Recommender(const ModelParts& parts) : parts_(parts) {}
    virtual ~Recommender() = default;
    Recommender(const Recommender&) = delete;
    Recommender& operator=(const Recommender&) = delete;

    // From what a user has rated: items ascending without repeats, values encoded, at least one. Throws
    // CorruptModel where the model gives no finite answer.
    virtual Taste taste(std::span<const std::int32_t> items, std::span<const float> values) = 0;
    // The same of someone who may be one of the model's users: no neighbour of their own.
    virtual Taste taste_of(const Observations& told) { return taste(told.items, told.values); }
    // The same from all that a user has rated; not personal where that tells no taste.
    virtual Taste current_taste(const UserHistory& history);
    // As the training has stored it.
    virtual Taste stored_taste(std::int32_t user) const = 0;
    virtual bool has_stored_taste(std::int32_t user) const = 0;  // whether that is personal

    // Every item's score for a personal taste: as many as there are items, to the bit as lists have them.
    virtual void all_scores(const Taste& taste, std::span<float> scores) const = 0;
    // The k items of highest score for a personal taste, best first.
    virtual void best_items(const Taste& taste, const ItemSet* excluded, int k,
                            std::vector<Scored>& result) = 0;
    // The same among `candidates`: indexes in any order, repeats allowed.
    virtual void best_candidates(const Taste& taste, const ItemSet* excluded,
                                 std::span<const std::int32_t> candidates, int k,
                                 std::vector<Scored>& result) const = 0;
    // Whether the taste speaks of an item of such a list; else it is there because it is popular.
    virtual bool is_personal(const Taste&, const Scored& item) const noexcept {
        return item.score != 0 || !may_be_silent();
    }
    // Whether a score of 0 tells that nothing is said of an item.
    virtual bool may_be_silent() const noexcept { return false; }
    // What speaks for an item of such a list.
    virtual std::string reason(const Taste&, std::int32_t) const { return "personal"; }
    // result[n * k + r]: the r-th best item of the n-th user, index -1 where there are fewer. As best_items()
    // has them, to the bit, for any number of threads; of users without a stored taste most_popular().
    virtual void best_for_users(const ListsRequest& wanted, Host& host,
                                std::vector<Scored>& result) const = 0;
    // Bytes that best_for_users() takes beside its result.
    virtual std::size_t best_for_users_memory(std::int64_t users, int threads) const noexcept = 0;

    // One item's score, to the bit as lists have it; explicit: the rating that is expected, within the range
    // of those seen at training. An unknown item is IdView::kNotFound. Nothing where the model knows nothing
    // (implicit), else what is unknown contributes nothing.
    virtual std::optional<float> predict(const Taste& taste, std::int32_t item) const noexcept = 0;

    // What each of a user's observations (as taste() takes them) adds to the score that best_items() gives an
    // item. Throws what host.poll() throws.
    virtual Explanation explain(std::span<const std::int32_t> items, std::span<const float> values,
                                std::int32_t item, Host& host) = 0;
    // The same of someone who may be one of the model's users.
    virtual Explanation explain_told(const Observations& told, std::int32_t item, Host& host) {
        return explain(told.items, told.values, item, host);
    }

    // The same from all that a user has rated; no items where that tells no taste.
    virtual ItemExplanation explain_current(const UserHistory& history, std::int32_t item, Host& host);

    // What the user of these observations (there may be none) would rate an item that is known, not clipped
    // to the range of ratings. Nothing where the model says no more than one number.
    virtual std::optional<RatingDistribution> predict_distribution(std::span<const std::int32_t>,
                                                                   std::span<const float>, std::int32_t) {
        return std::nullopt;
    }

    // The terms of a personal taste, the strongest first, equal ones by name; none where the model knows
    // items by their ratings alone.
    virtual std::vector<TasteTerm> terms_of(const Taste&) const { return {}; }

    // How alike two items are, in [-1, 1]: the cosine of what the model has of them. 0 where it has nothing.
    virtual double similarity(std::int32_t a, std::int32_t b) const;
    // The k most similar items or users, best first, the item or `self` (-1: none) left out.
    virtual void similar_items(std::int32_t item, int k, std::vector<Scored>& result) const = 0;
    virtual void similar_users(const Taste& taste, std::int32_t self, int k,
                               std::vector<Scored>& result) const = 0;

  protected:
    const ModelParts& parts_;
};

// For the kind of model that `parts` is, null where that recommends nothing (segments); they, and what they
// view, are outlived by it.
std::unique_ptr<Recommender> make_recommender(const ModelParts& parts);

}  // namespace personalize::core
