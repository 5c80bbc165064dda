// recommend_all: the best items for every user of the training, in bulk.
#include <algorithm>
#include <numeric>

#include "pg/bridge/arguments.hpp"
#include "pg/bridge/ids.hpp"
#include "pg/bridge/pg_host.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/bridge/unused_memory.hpp"
#include "pg/bridge/write_rows.hpp"
#include "pg/sources/item_arguments.hpp"

namespace personalize::pg {

namespace {

// Users are ranked in parts, so that memory stays bounded: this many scores at a time.
constexpr std::int64_t kScoresAtATime = 4'000'000;

void check_witnesses(const LoadedModel& model, const ResultRows& rows, int n) {
    const auto& parts = model.parts();
    const auto right_call = [&] {
        return "recommend_all(" + std::to_string(n) + ", " + quoted_name(model) + ", " +
               witness(parts.users.type()) + ", " + witness(parts.items.type()) + ")";
    };
    check_user_result(model, rows.column_type(0), right_call);
    check_item_result(model, rows.column_type(1), right_call);
}

void put_part(ResultRows& rows, const core::ModelParts& parts, std::int64_t first, int k,
              const std::vector<core::Scored>& best) {
    const Oid user_type = rows.column_type(0), item_type = rows.column_type(1);
    std::vector<std::int64_t> places;  // of those that are items, in `best`
    for (std::size_t place = 0; place < best.size(); place++)
        if (best[place].index >= 0) places.push_back(static_cast<std::int64_t>(place));
    rows.put(static_cast<std::int64_t>(places.size()),
             [=, users = parts.users, items = parts.items, place = places.data(), scored = best.data()](
                 std::int64_t row, Datum* values, bool*) {
                 const core::Scored& item = scored[place[row]];
                 values[0] = id_to_datum(users.at(first + place[row] / k), user_type);
                 values[1] = id_to_datum(items.at(item.index), item_type);
                 values[2] = Float4GetDatum(item.score);
                 values[3] = Int32GetDatum(static_cast<int>(place[row] % k) + 1);
             });
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(recommend_all) {
    using namespace personalize::pg;
    namespace core = personalize::core;
    const Arguments arguments(fcinfo);
    const int n = arguments.integer(0, "n", 0, INT_MAX);
    const auto model = load_model(arguments.text(1, "model"));
    const core::ModelParts& parts = model->parts();
    ResultRows rows(fcinfo);
    check_witnesses(*model, rows, n);
    const int k = static_cast<int>(std::min<std::int64_t>(n, parts.items.size()));
    if (k == 0) return 0;

    const ReturnsUnusedMemory at_end;
    PgHost host;
    std::vector<core::Scored> best;
    const std::int64_t users = parts.users.size(), part = std::max<std::int64_t>(1, kScoresAtATime / k);
    for (std::int64_t first = 0; first < users; first += part) {
        std::vector<std::int32_t> readers(static_cast<std::size_t>(std::min(part, users - first)));
        std::iota(readers.begin(), readers.end(), static_cast<std::int32_t>(first));
        model->recommender().best_for_users({readers, true, k, settings::threads()}, host, best);
        put_part(rows, parts, first, k, best);
    }
    return 0;
}
