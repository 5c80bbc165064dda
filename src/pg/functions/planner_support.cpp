// Row estimates of the set-returning functions, for the planner.
#include "pg/bridge/guard.hpp"
#include "pg/model_store/version_row.hpp"

namespace personalize::pg {

namespace {

// A constant argument, or nullptr. Inside call().
const Const* constant(const SupportRequestRows* request, List* arguments, int position) {
    if (position >= list_length(arguments)) return nullptr;
    Node* node = estimate_expression_value(request->root, static_cast<Node*>(list_nth(arguments, position)));
    const auto* value = reinterpret_cast<const Const*>(node);
    return IsA(node, Const) && !value->constisnull ? value : nullptr;
}

// The first argument of a type, from `from` on.
const Const* constant_of_type(const SupportRequestRows* request, List* arguments, Oid type, int from) {
    for (int k = from; k < list_length(arguments); k++)
        if (exprType(static_cast<Node*>(list_nth(arguments, k))) == type)
            return constant(request, arguments, k);
    return nullptr;
}

const VersionRow* model_of(const Const* name) {
    return name == nullptr ? nullptr : estimate_version(text_to_cstring(DatumGetTextPP(name->constvalue)));
}

// Answers rows(request, arguments), where that is positive, to the question for rows.
template <typename Rows>
Datum support(FunctionCallInfo fcinfo, Rows rows) {
    auto* node = reinterpret_cast<Node*>(PG_GETARG_POINTER(0));
    if (!IsA(node, SupportRequestRows)) PG_RETURN_POINTER(nullptr);
    return call([node, rows] {
        auto* request = reinterpret_cast<SupportRequestRows*>(node);
        if (request->node == nullptr || !IsA(request->node, FuncExpr)) return PointerGetDatum(nullptr);
        const double estimate = rows(request, reinterpret_cast<FuncExpr*>(request->node)->args);
        if (estimate <= 0) return PointerGetDatum(nullptr);
        request->rows = estimate;
        return PointerGetDatum(request);
    });
}

double constant_int(const SupportRequestRows* request, List* arguments, int position) {
    const Const* n = constant(request, arguments, position);
    return n == nullptr ? 0 : Max(1, DatumGetInt32(n->constvalue));
}

// The n that stands at `position`; a large one is cut to what the model, named behind it, has.
double best_of(const SupportRequestRows* request, List* arguments, int position) {
    constexpr double kLarge = 1000;
    const double n = constant_int(request, arguments, position);
    if (n <= kLarge) return n;
    const VersionRow* model = model_of(constant_of_type(request, arguments, TEXTOID, position + 1));
    return model == nullptr ? n : Min(n, static_cast<double>(Max(model->users, model->items)));
}

}  // namespace

}  // namespace personalize::pg

using namespace personalize::pg;

// Functions (id, n, ...): n rows.
PERSONALIZE_FUNCTION(rows_second_argument) {
    return support(
        fcinfo, [](SupportRequestRows* request, List* arguments) { return best_of(request, arguments, 1); });
}

// popular_items(n, ...): n rows.
PERSONALIZE_FUNCTION(rows_first_argument) {
    return support(
        fcinfo, [](SupportRequestRows* request, List* arguments) { return best_of(request, arguments, 0); });
}

// recommend_all(n, model, ...): n rows for each user.
PERSONALIZE_FUNCTION(rows_for_all_users) {
    return support(fcinfo, [](SupportRequestRows* request, List* arguments) {
        const VersionRow* model = model_of(constant_of_type(request, arguments, TEXTOID, 1));
        return model == nullptr ? 0.0
                                : constant_int(request, arguments, 0) * static_cast<double>(model->users);
    });
}

PERSONALIZE_FUNCTION(rows_of_users) {
    return support(fcinfo, [](SupportRequestRows* request, List* arguments) {
        const VersionRow* model = model_of(constant_of_type(request, arguments, TEXTOID, 0));
        return model == nullptr ? 0.0 : static_cast<double>(model->users);
    });
}

PERSONALIZE_FUNCTION(rows_of_items) {
    return support(fcinfo, [](SupportRequestRows* request, List* arguments) {
        const VersionRow* model = model_of(constant_of_type(request, arguments, TEXTOID, 0));
        return model == nullptr ? 0.0 : static_cast<double>(model->items);
    });
}
