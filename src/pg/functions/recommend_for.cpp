// recommend_for: the best items for one user, now.
#include <optional>
#include <span>

#include "core/model/popular.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/ids.hpp"
#include "pg/bridge/write_rows.hpp"
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
};

// With six arguments the third is a witness of the item type; only its type matters, and that shows in the
// result.
Request parse(const Arguments& arguments) {
    const int rest = arguments.count() == 6 ? 3 : 2;
    Request request;
    request.user = {arguments.datum(0), arguments.type(0), arguments.is_null(0)};
    request.n = arguments.integer(1, "n", 0, INT_MAX);
    request.model = arguments.text(rest, "model");
    request.exclude_seen = arguments.boolean(rest + 1, "exclude_seen");
    request.any_item = arguments.is_null(rest + 2);
    request.candidates = arguments.datum(rest + 2);
    request.candidates_type = arguments.type(rest + 2);
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

// A user's seen items, as long as this lives.
class SeenItems {
  public:
    SeenItems(core::ItemSet& set, std::span<const std::int32_t> items) : set_(set), items_(items) {
        for (const std::int32_t item : items_) set_.insert(item);
    }
    ~SeenItems() {
        for (const std::int32_t item : items_) set_.erase(item);
    }
    SeenItems(const SeenItems&) = delete;
    SeenItems& operator=(const SeenItems&) = delete;
    const core::ItemSet* set() const noexcept { return &set_; }

  private:
    core::ItemSet& set_;
    const std::span<const std::int32_t> items_;
};

using Ranking = std::vector<core::Scored>;

Ranking personal(core::Recommender& recommender, const core::Taste& taste, const core::ItemSet* excluded,
                 int n, const std::vector<std::int32_t>* candidates) {
    Ranking ranking;
    if (candidates != nullptr)
        recommender.best_candidates(taste, excluded, *candidates, n, ranking);
    else
        recommender.best_items(taste, excluded, n, ranking);
    return ranking;
}

// What speaks for each item, by its place; the others are what is popular.
using Reasons = std::vector<std::string>;

Reasons reasons_of(const core::Recommender& recommender, const core::Taste& taste, const Ranking& ranking) {
    Reasons reasons(static_cast<std::size_t>(recommender.personal_part(ranking)));
    for (std::size_t k = 0; k < reasons.size(); k++) reasons[k] = recommender.reason(taste, ranking[k].index);
    return reasons;
}

void put_ranking(ResultRows& rows, core::IdView items, const Ranking& ranking, const Reasons& reasons) {
    const Oid type = rows.column_type(0);
    rows.put(std::ssize(ranking), [items, type, best = ranking.data(), personal = std::ssize(reasons),
                                   reason = reasons.data()](std::int64_t k, Datum* values, bool*) {
        values[0] = id_to_datum(items.at(best[k].index), type);
        values[1] = Float4GetDatum(best[k].score);
        values[2] = CStringGetTextDatum(k < personal ? reason[k].c_str() : "popular");
    });
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(recommend_for) {
    using namespace personalize::pg;
    const Request request = parse(Arguments(fcinfo));
    const auto model = load_model(request.model);
    const auto& parts = model->parts();
    ResultRows rows(fcinfo);
    check_item_result(*model, rows.column_type(0), [&] { return right_call(*model); });

    std::vector<std::int32_t> wanted;
    if (!request.any_item) wanted = item_indexes(*model, request.candidates, request.candidates_type);
    const auto* candidates = request.any_item ? nullptr : &wanted;
    const UserState user = user_state(*model, request.user);

    std::optional<SeenItems> seen;
    if (request.exclude_seen) seen.emplace(model->item_set(), user.seen);
    const auto* excluded = seen ? seen->set() : nullptr;
    if (user.taste.personal) {
        const Ranking ranking = personal(model->recommender(), user.taste, excluded, request.n, candidates);
        put_ranking(rows, parts.items, ranking, reasons_of(model->recommender(), user.taste, ranking));
    } else {
        put_ranking(rows, parts.items,
                    personalize::core::most_popular(parts, excluded, request.n, candidates), {});
    }
    return 0;
}
