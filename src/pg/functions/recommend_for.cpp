// recommend_for: the best items for one user, now.
#include <algorithm>
#include <optional>
#include <span>

#include "core/model/popular.hpp"
#include "core/ranking/shape_list.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/ids.hpp"
#include "pg/bridge/pg_host.hpp"
#include "pg/bridge/write_rows.hpp"
#include "pg/sources/boosts.hpp"
#include "pg/sources/item_arguments.hpp"
#include "pg/sources/user_state.hpp"

namespace personalize::pg {

namespace {

struct Request {
    UserArgument user;
    int n;
    std::string model;
    bool exclude_seen;
    Datum candidates;  // an array of ids
    Oid candidates_type;
    bool any_item;  // no candidates were given
    float diversity;
    std::optional<Oid> boost;
};

constexpr int kArgumentsWithWitness = 8;

// A NULL for the model is most likely meant as a witness.
constexpr const char* kModelIsNull =
    "Give the name of a model. Where a NULL is to name the type of item ids: NULL::bigint and NULL::uuid are "
    "written before the model, and ids as text are had with recommend_for(user_id::text, n, model).";

// With one more argument the third is a witness of the item type; only its type matters, and that shows in
// the result.
Request parse(const Arguments& arguments) {
    const int rest = arguments.count() == kArgumentsWithWitness ? 3 : 2;
    Request request;
    request.user = {arguments.datum(0), arguments.type(0), arguments.is_null(0)};
    request.n = arguments.integer(1, "n", 0, INT_MAX);
    arguments.require(rest, "model", kModelIsNull);
    request.model = arguments.text(rest, "model");
    request.exclude_seen = arguments.boolean(rest + 1, "exclude_seen");
    request.any_item = arguments.is_null(rest + 2);
    request.candidates = arguments.datum(rest + 2);
    request.candidates_type = arguments.type(rest + 2);
    request.diversity = arguments.real(rest + 3, "diversity", 0, 1);
    if (!arguments.is_null(rest + 4)) request.boost = arguments.relation(rest + 4, "boost");
    return request;
}

// A call that returns the model's item ids in their own type: text serves every user, and a witness names an
// item type that is not the user's.
std::string right_call(const LoadedModel& model) {
    const core::IdType users = model.parts().users.type(), items = model.parts().items.type();
    const core::IdType user = items == core::IdType::text ? items : users;
    const std::string item_type = user == items ? "" : witness(items) + ", ";
    return std::string("recommend_for(user_id::") + type_name(user) + ", n, " + item_type +
           quoted_name(model) + ")";
}

// Items that are in a set as long as this lives.
class Inserted {
  public:
    Inserted(core::ItemSet& set, std::span<const std::int32_t> items) : set_(set), items_(items) {
        for (const std::int32_t item : items_) set_.insert(item);
    }
    ~Inserted() {
        for (const std::int32_t item : items_) set_.erase(item);
    }
    Inserted(const Inserted&) = delete;
    Inserted& operator=(const Inserted&) = delete;

  private:
    core::ItemSet& set_;
    const std::span<const std::int32_t> items_;
};

using Ranking = std::vector<core::Scored>;
using Items = std::vector<std::int32_t>;

// The n best for a user: by their taste, or what is popular. candidates null: of all items.
Ranking best_for(LoadedModel& model, const core::Taste& taste, const core::ItemSet* excluded, int n,
                 const Items* candidates) {
    if (!taste.personal) return core::most_popular(model.parts(), excluded, n, candidates);
    Ranking ranking;
    if (candidates != nullptr)
        model.recommender().best_candidates(taste, excluded, *candidates, n, ranking);
    else
        model.recommender().best_items(taste, excluded, n, ranking);
    return ranking;
}

// The same with boosts: an item that has none can be among the n best only if it is among the n best of those
// that have none.
Ranking best_boosted(LoadedModel& model, const core::Taste& taste, core::ItemSet& excluded, int n,
                     const Items* candidates, const Boosts& boosts) {
    Items favoured;
    for (const core::Boost& boost : boosts.weights)
        if (candidates == nullptr || std::binary_search(candidates->begin(), candidates->end(), boost.item))
            favoured.push_back(boost.item);
    const Inserted hidden(excluded, boosts.hidden);
    Ranking ranking = best_for(model, taste, &excluded, static_cast<int>(favoured.size()), &favoured);
    const Inserted ranked(excluded, favoured);
    const Ranking others = best_for(model, taste, &excluded, n, candidates);
    ranking.insert(ranking.end(), others.begin(), others.end());
    core::boost_list(ranking, boosts.weights, model.parts().popularity, n);
    return ranking;
}

Ranking rank(const Request& request, LoadedModel& model, const UserState& user) {
    Items wanted;
    if (!request.any_item) wanted = item_indexes(model, request.candidates, request.candidates_type);
    const Items* candidates = request.any_item ? nullptr : &wanted;
    // Before the set is filled: their relation may be a view that asks this model, too.
    Boosts boosts;
    if (request.boost) boosts = read_boosts(model, *request.boost);
    core::ItemSet& set = model.item_set();
    const Inserted seen(set, request.exclude_seen ? std::span(user.seen) : std::span<const std::int32_t>());
    const int pool = request.diversity > 0 ? std::max(request.n, core::diversity_pool(request.n)) : request.n;
    Ranking ranking;
    if (request.boost) {
        std::sort(wanted.begin(), wanted.end());
        ranking = best_boosted(model, user.taste, set, pool, candidates, boosts);
    } else {
        ranking = best_for(model, user.taste, request.exclude_seen ? &set : nullptr, pool, candidates);
    }
    if (request.diversity > 0) {
        PgHost host;
        const auto similarity = [&](std::int32_t a, std::int32_t b) {
            return model.recommender().similarity(a, b);
        };
        core::diversify(ranking, request.diversity, request.n, similarity, host);
    }
    return ranking;
}

std::string reason_of(core::Recommender& recommender, const core::Taste& taste, const core::Scored& item) {
    const bool personal = taste.personal && recommender.is_personal(taste, item);
    return personal ? recommender.reason(taste, item.index) : "popular";
}

void put_ranking(ResultRows& rows, LoadedModel& model, const core::Taste& taste, const Ranking& ranking) {
    std::vector<std::string> reasons;
    for (const core::Scored& item : ranking) reasons.push_back(reason_of(model.recommender(), taste, item));
    const Oid type = rows.column_type(0);
    rows.put(std::ssize(ranking), [items = model.parts().items, type, best = ranking.data(),
                                   reason = reasons.data()](std::int64_t k, Datum* values, bool*) {
        values[0] = id_to_datum(items.at(best[k].index), type);
        values[1] = Float4GetDatum(best[k].score);
        values[2] = CStringGetTextDatum(reason[k].c_str());
    });
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(recommend_for) {
    using namespace personalize::pg;
    const Request request = parse(Arguments(fcinfo));
    const auto model = load_model(request.model);
    ResultRows rows(fcinfo);
    check_item_result(*model, rows.column_type(0), [&] { return right_call(*model); });
    const UserState user = user_state(*model, request.user);
    put_ranking(rows, *model, user.taste, rank(request, *model, user));
    return 0;
}
