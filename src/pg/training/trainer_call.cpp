#include "pg/training/trainer_call.hpp"

#include <algorithm>
#include <cstring>

namespace personalize::pg {

namespace {

// An SQL function's arguments as the catalog has them; lives in the current memory context.
struct Signature {
    int count;
    Oid* types;
    char** names;
    NullableDatum* values;  // defaults; NULL where there is none
};

// Inside call().
void fill_defaults(HeapTuple function, Signature* signature) {
    bool is_null;
    const Datum trees = SysCacheGetAttr(PROCOID, function, Anum_pg_proc_proargdefaults, &is_null);
    if (is_null) return;
    List* defaults = static_cast<List*>(stringToNode(TextDatumGetCString(trees)));
    int position = signature->count - list_length(defaults);
    ListCell* cell;
    foreach (cell, defaults) {
        Node* value = eval_const_expressions(nullptr, static_cast<Node*>(lfirst(cell)));
        if (!IsA(value, Const)) elog(ERROR, "the default of %s is not constant", signature->names[position]);
        const auto* constant = reinterpret_cast<const Const*>(value);
        signature->values[position++] = {constant->constvalue, constant->constisnull};
    }
}

// Of the extension's own function: anybody may put another one of the name beside it, but not one in C.
// Inside call().
Signature signature_of(Oid schema, const char* trainer) {
    CatCList* functions = SearchSysCacheList1(PROCNAMEARGSNSP, CStringGetDatum(trainer));
    HeapTuple function = nullptr;
    for (int k = 0; k < functions->n_members && function == nullptr; k++) {
        HeapTuple tuple = &functions->members[k]->tuple;
        const auto* row = reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple));
        if (row->pronamespace == schema && row->prolang == ClanguageId) function = tuple;
    }
    if (function == nullptr) elog(ERROR, "function %s is not in its schema", trainer);
    Signature signature = {};
    char* modes;
    signature.count = reinterpret_cast<Form_pg_proc>(GETSTRUCT(function))->pronargs;
    get_func_arg_info(function, &signature.types, &signature.names, &modes);
    signature.values = static_cast<NullableDatum*>(
        palloc(sizeof(NullableDatum) * static_cast<std::size_t>(signature.count)));
    for (int k = 0; k < signature.count; k++) signature.values[k] = {0, true};
    fill_defaults(function, &signature);
    ReleaseSysCacheList(functions);
    return signature;
}

struct Member {
    const char* name;
    const char* text;  // null: NULL
    bool is_readable, is_array;
};

const char* scalar_text(const JsonbValue& value) {
    switch (value.type) {
        case jbvString:
            return pnstrdup(value.val.string.val, value.val.string.len);
        case jbvNumeric:
            return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value.val.numeric)));
        case jbvBool:
            return value.val.boolean ? "true" : "false";
        default:
            return nullptr;
    }
}

// An array of scalars as PostgreSQL writes its arrays; null where it is none.
const char* array_text(JsonbContainer* container) {
    if (!JsonContainerIsArray(container)) return nullptr;
    const std::size_t room = JsonContainerSize(container) + 1;
    auto* elements = static_cast<Datum*>(palloc(sizeof(Datum) * room));
    auto* nulls = static_cast<bool*>(palloc(sizeof(bool) * room));
    int count = 0;
    JsonbIterator* iterator = JsonbIteratorInit(container);
    JsonbValue value;
    JsonbIteratorNext(&iterator, &value, true);
    while (JsonbIteratorNext(&iterator, &value, true) == WJB_ELEM) {
        if (value.type == jbvBinary) return nullptr;
        const char* text = scalar_text(value);
        nulls[count] = text == nullptr;
        elements[count++] = text == nullptr ? 0 : CStringGetTextDatum(text);
    }
    int lower_bound = 1;
    ArrayType* array = construct_md_array(elements, nulls, 1, &count, &lower_bound, TEXTOID, -1, false, 'i');
    return OidOutputFunctionCall(F_ARRAY_OUT, PointerGetDatum(array));
}

struct Members {
    Member* first;
    int count;
};

// Inside call(). Nothing where it is no object.
Members members_of(Datum options) {
    Jsonb* object = DatumGetJsonbP(options);
    if (!JB_ROOT_IS_OBJECT(object)) return {nullptr, -1};
    Members members = {static_cast<Member*>(palloc(sizeof(Member) * (JB_ROOT_COUNT(object) + 1))), 0};
    JsonbIterator* iterator = JsonbIteratorInit(&object->root);
    JsonbValue value;
    JsonbIteratorToken token = JsonbIteratorNext(&iterator, &value, true);
    while ((token = JsonbIteratorNext(&iterator, &value, true)) == WJB_KEY) {
        Member& member = members.first[members.count++];
        member.name = pnstrdup(value.val.string.val, value.val.string.len);
        JsonbIteratorNext(&iterator, &value, true);
        member.text = value.type == jbvBinary ? array_text(value.val.binary.data) : scalar_text(value);
        member.is_readable = member.text != nullptr || value.type == jbvNull;
        member.is_array = value.type == jbvBinary;
    }
    return members;
}

[[noreturn]] void refuse(const std::string& message, const std::string& hint) {
    throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, message, hint);
}

// The first argument is the relation.
int position_of(const Member& member, const Signature& signature, const char* trainer,
                const std::vector<const char*>& reserved) {
    const auto is_reserved = [&](const char* name) {
        return std::any_of(reserved.begin(), reserved.end(),
                           [&](const char* other) { return std::strcmp(name, other) == 0; });
    };
    if (is_reserved(member.name))
        refuse(
            std::string("option \"") + member.name + "\" is not for a training that is measured from outside",
            "Leave it out; what is held out and how it is measured are arguments beside the options.");
    std::string allowed;
    for (int k = 1; k < signature.count; k++) {
        if (is_reserved(signature.names[k])) continue;
        if (std::strcmp(signature.names[k], member.name) == 0) return k;
        allowed += (allowed.empty() ? "" : ", ") + std::string(signature.names[k]);
    }
    refuse(std::string(trainer) + " has no option \"" + member.name + "\" here",
           "There are " + allowed + ".");
}

}  // namespace

TrainerCall::TrainerCall(Oid schema, const char* trainer, int arguments, Oid relation, Datum options,
                         const std::vector<const char*>& reserved) {
    const Members members = call([options] { return members_of(options); });
    if (members.count < 0)
        refuse("options is not a JSON object", R"(Give them as {"factors": 32}, or {} for none.)");
    const Signature signature = call([schema, trainer] { return signature_of(schema, trainer); });
    if (signature.count != arguments)
        throw SqlError(ERRCODE_INTERNAL_ERROR, std::string(trainer) + " has another number of arguments",
                       "Update the extension: ALTER EXTENSION personalize UPDATE.");
    for (int k = 0; k < members.count; k++) {
        const Member& member = members.first[k];
        const int position = position_of(member, signature, trainer, reserved);
        if (!member.is_readable)
            refuse(std::string("option \"") + member.name + "\" is an object or a nested array",
                   "Give one value, or an array of them where the option is an array.");
        if (member.is_array &&
            !OidIsValid(call([type = signature.types[position]] { return get_element_type(type); })))
            refuse(std::string("option \"") + member.name + "\" is an array", "Give one value.");
        NullableDatum& value = signature.values[position];
        value.isnull = member.text == nullptr;
        if (value.isnull) continue;
        value.value = naming_option(member.name, [type = signature.types[position], text = member.text] {
            Oid input, parameter;
            getTypeInputInfo(type, &input, &parameter);
            return OidInputFunctionCall(input, const_cast<char*>(text), parameter, -1);
        });
    }
    signature.values[0] = {ObjectIdGetDatum(relation), false};
    values_.assign(signature.values, signature.values + signature.count);
}

}  // namespace personalize::pg
