// predict_rating: the score of one item for one user, at the cost of a dot product for each further row of a
// user.
#include "core/model/predict.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/sources/item_arguments.hpp"
#include "pg/sources/user_state.hpp"

namespace personalize::pg {

namespace {

// What a snapshot shows can only change with these: between the same xmin and xmax transactions only end, and
// then fewer are left in progress.
struct Moment {
    TransactionId xmin, xmax;
    std::uint32_t in_progress;
    std::int32_t subtransactions;
    CommandId command;
    Oid role;
    friend bool operator==(const Moment&, const Moment&) = default;

    static Moment now() noexcept {
        const Snapshot snapshot = GetActiveSnapshot();
        return {snapshot->xmin,    snapshot->xmax,   snapshot->xcnt,
                snapshot->subxcnt, snapshot->curcid, GetUserId()};
    }
};

// A simple expression of PL/pgSQL keeps the function's memory over statements, between which settings that a
// policy or a view asks for may change. Its snapshot tells: no query holds it.
bool within_a_query() noexcept { return GetActiveSnapshot()->regd_count > 0; }

// A user's state between calls of one statement, kept in the function's memory.
struct Remembered {
    Moment moment = {};
    std::string model_name;
    std::shared_ptr<LoadedModel> model;
    bool has_user = false;
    std::string user_key;
    UserState user;
};

Remembered& remembered(FunctionCallInfo fcinfo) {
    if (fcinfo->flinfo->fn_extra == nullptr)
        fcinfo->flinfo->fn_extra = make_owned<Remembered>(fcinfo->flinfo->fn_mcxt);
    return *static_cast<Remembered*>(fcinfo->flinfo->fn_extra);
}

std::string key_of(const UserArgument& user) {
    if (user.type == TEXTOID) return text_value(user.value);
    if (user.type == UUIDOID)
        return {reinterpret_cast<const char*>(DatumGetUUIDP(user.value)->data), UUID_LEN};
    return std::to_string(DatumGetInt64(user.value));
}

void refresh_model(Remembered& memory, std::string name) {
    const Moment now = Moment::now();
    if (memory.model != nullptr && within_a_query() && memory.moment == now && memory.model_name == name)
        return;
    memory.has_user = false;
    memory.model = load_model(name);
    memory.model_name = std::move(name);
    memory.moment = now;
}

void refresh_user(Remembered& memory, const UserArgument& user) {
    std::string key = key_of(user);
    if (memory.has_user && memory.user_key == key) return;
    memory.has_user = false;
    memory.user = user_state(*memory.model, user);
    memory.user_key = std::move(key);
    memory.has_user = true;
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(predict_rating) {
    using namespace personalize::pg;
    const Arguments arguments(fcinfo);
    Remembered& memory = remembered(fcinfo);
    refresh_model(memory, arguments.text(2, "model"));
    if (arguments.is_null(0) || arguments.is_null(1)) PG_RETURN_NULL();
    refresh_user(memory, {arguments.datum(0), arguments.type(0), false});
    const auto& parts = memory.model->parts();
    const std::int32_t item = item_index(*memory.model, arguments.datum(1), arguments.type(1));
    const auto prediction =
        personalize::core::predict(parts, memory.user.personal ? memory.user.factor.row(0) : nullptr, item);
    if (!prediction) PG_RETURN_NULL();
    PG_RETURN_FLOAT4(*prediction);
}
