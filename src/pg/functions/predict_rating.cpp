// predict_rating: the score of one item for one user, at the cost of a dot product for each further row of a
// user in a statement.
#include <unordered_map>

#include "pg/bridge/arguments.hpp"
#include "pg/bridge/moment.hpp"
#include "pg/sources/item_arguments.hpp"
#include "pg/sources/user_state.hpp"

namespace personalize::pg {

namespace {

// What one statement has asked for, kept in the function's memory.
struct Remembered {
    Moment moment = {};
    std::string model_name;
    std::shared_ptr<LoadedModel> model;
    std::unordered_map<std::string, core::Taste> users;
    std::string last_user;
    std::size_t bytes = 0;  // that `users` take
    core::Taste not_kept;
    const core::Taste* last_taste = nullptr;  // of last_user, among `users` or not_kept

    void forget_users() noexcept {
        last_taste = nullptr;
        users.clear();
        bytes = 0;
    }
};

// Users are remembered in memory of about this size; of more of them only the last.
constexpr std::size_t kRememberedBytes = 64 << 20, kBytesBesideTaste = 128;

Remembered& remembered(FunctionCallInfo fcinfo) {
    if (fcinfo->flinfo->fn_extra == nullptr)
        fcinfo->flinfo->fn_extra = make_owned<Remembered>(fcinfo->flinfo->fn_mcxt);
    return *static_cast<Remembered*>(fcinfo->flinfo->fn_extra);
}

// The bytes of an id; those of a number are put into `number`.
std::string_view key_of(const UserArgument& user, std::int64_t& number) {
    if (user.type == TEXTOID) return text_view(user.value);
    if (user.type == UUIDOID)
        return {reinterpret_cast<const char*>(DatumGetUUIDP(user.value)->data), UUID_LEN};
    number = DatumGetInt64(user.value);
    return {reinterpret_cast<const char*>(&number), sizeof number};
}

void refresh_model(Remembered& memory, std::string_view name) {
    const Moment now = Moment::now();
    if (memory.model != nullptr && within_a_query() && memory.moment == now && memory.model_name == name)
        return;
    memory.forget_users();
    memory.model_name = name;
    memory.model = nullptr;
    memory.model = load_model(memory.model_name);
    memory.moment = now;
}

// As the taste of last_user.
const core::Taste& keep(Remembered& memory, const UserArgument& user) {
    core::Taste taste = user_state(*memory.model, user).taste;
    if (memory.bytes >= kRememberedBytes) return memory.not_kept = std::move(taste);
    memory.bytes += taste.bytes() + kBytesBesideTaste;
    return memory.users.emplace(memory.last_user, std::move(taste)).first->second;
}

const core::Taste& taste_of(Remembered& memory, const UserArgument& user) {
    std::int64_t number;
    const std::string_view key = key_of(user, number);
    if (memory.last_taste != nullptr && memory.last_user == key) return *memory.last_taste;
    memory.last_taste = nullptr;
    memory.last_user = key;
    const auto found = memory.users.find(memory.last_user);
    memory.last_taste = found != memory.users.end() ? &found->second : &keep(memory, user);
    return *memory.last_taste;
}

}  // namespace

}  // namespace personalize::pg

PERSONALIZE_FUNCTION(predict_rating) {
    using namespace personalize::pg;
    const Arguments arguments(fcinfo);
    Remembered& memory = remembered(fcinfo);
    refresh_model(memory, arguments.text_view(2, "model"));
    if (arguments.is_null(0) || arguments.is_null(1)) PG_RETURN_NULL();
    const UserArgument user{arguments.datum(0), arguments.type(0), false};
    const personalize::core::Taste& taste = taste_of(memory, user);
    const std::int32_t item = item_index(*memory.model, arguments.datum(1), arguments.type(1));
    const auto prediction = memory.model->recommender().predict(taste, item);
    if (!prediction) PG_RETURN_NULL();
    PG_RETURN_FLOAT4(*prediction);
}
