#include "pg/sources/boosts.hpp"

#include <algorithm>

#include "core/runtime/memory_claim.hpp"
#include "pg/bridge/ids.hpp"
#include "pg/bridge/json.hpp"
#include "pg/bridge/read_rows.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/sources/columns.hpp"

namespace personalize::pg {

namespace {

constexpr const char* kItem = "item_id";
constexpr const char* kWeight = "weight";
constexpr double kMostWeight = 1e6;

class BoostSink : public RowSink {
  public:
    explicit BoostSink(core::IdView items)
        : items_(items), budget_(settings::max_memory()), claim_(&budget_, "the boosts") {}

    void row(const Datum* values, const bool* nulls) override {
        if (nulls[0] || nulls[1]) return;
        const core::Id id = sources::id_of(items_.type(), values[0]);
        const double weight = DatumGetFloat8(values[1]);
        if (!(weight >= 0 && weight <= kMostWeight))
            throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE,
                           "weight " + number_text(weight) + " of item " + to_string(id) + " is out of range",
                           "Give weights from 0, which hides an item, to " + json_number(kMostWeight) + ".");
        const std::int32_t item = items_.find(id);
        if (item == core::IdView::kNotFound) return;
        core::grow(rows, rows.size() + 1, claim_);
        rows.push_back({item, static_cast<float>(weight)});
    }

    std::vector<core::Boost> rows;

  private:
    const core::IdView items_;
    core::MemoryBudget budget_;
    core::MemoryClaim claim_;
};

void check_columns(const LoadedModel& model, Oid relation) {
    const core::IdType has = sources::id_column_type(relation, kItem, nullptr);
    const core::IdType wants = model.parts().items.type();
    if (has != wants)
        throw SqlError(ERRCODE_DATATYPE_MISMATCH,
                       "item_id of " + quoted_relation(relation) + " is of type " + type_name(has) +
                           ", items of model \"" + model.name() + "\" of type " + type_name(wants),
                       "Boost with a view that casts it.");
}

}  // namespace

Boosts read_boosts(const LoadedModel& model, Oid relation) {
    sources::hold_relation(relation);
    check_columns(model, relation);
    const Oid weight = sources::column_type(relation, kWeight, nullptr);
    BoostSink sink(model.parts().items);
    read_rows("SELECT " + sources::id_expression(kItem, model.parts().items.type()) + ", " +
                  sources::double_expression(weight, "s." + quoted(kWeight)) + " FROM " +
                  quoted_relation(relation) + " AS s",
              sink);
    auto& rows = sink.rows;
    // By weight, too: products are the same whatever the order of rows.
    std::sort(rows.begin(), rows.end(), [](const core::Boost& a, const core::Boost& b) {
        return a.item != b.item ? a.item < b.item : a.weight < b.weight;
    });
    Boosts boosts;
    for (std::size_t from = 0, to; from < rows.size(); from = to) {
        double product = 1;
        for (to = from; to < rows.size() && rows[to].item == rows[from].item; to++)
            product *= rows[to].weight;
        const auto clipped = static_cast<float>(std::min(product, kMostWeight));
        if (clipped > 0)
            boosts.weights.push_back({rows[from].item, clipped});
        else
            boosts.hidden.push_back(rows[from].item);
    }
    return boosts;
}

}  // namespace personalize::pg
