#include "pg/sources/item_arguments.hpp"

#include "pg/bridge/ids.hpp"

namespace personalize::pg {

namespace {

core::Id item_id(const LoadedModel& model, Datum value, Oid type) {
    const core::IdType model_type = model.parts().items.type();
    return id_from_datum(value, type, model_type, "item",
                         std::string("Cast the item id to ") + type_name(model_type) + " or to text.");
}

void check_result(const LoadedModel& model, core::IdType model_type, const char* what, Oid type,
                  const std::string& before, const std::string& after) {
    if (can_return_id(model_type, type)) return;
    const char* asked = call([type] { return format_type_be(type); });
    throw SqlError(ERRCODE_DATATYPE_MISMATCH,
                   std::string(what) + " ids of model \"" + model.name() + "\" are of type " +
                       type_name(model_type) + ", not " + asked,
                   "Call " + before + witness(model_type) + after + ".");
}

}  // namespace

std::string witness(core::IdType type) { return std::string("NULL::") + type_name(type); }

std::int32_t item_index(const LoadedModel& model, Datum value, Oid type) {
    return model.parts().items.find(item_id(model, value, type));
}

std::vector<std::int32_t> item_indexes(const LoadedModel& model, Datum array, Oid array_type) {
    struct Elements {
        Oid type;
        Datum* values;
        bool* nulls;
        int count;
    };
    const auto elements = call([array, array_type] {
        Elements e = {};
        e.type = get_element_type(array_type);
        int16 length;
        bool by_value;
        char alignment;
        get_typlenbyvalalign(e.type, &length, &by_value, &alignment);
        deconstruct_array(DatumGetArrayTypeP(array), e.type, length, by_value, alignment, &e.values, &e.nulls,
                          &e.count);
        return e;
    });
    std::vector<std::int32_t> items;
    for (int k = 0; k < elements.count; k++) {
        if (elements.nulls[k]) continue;
        const std::int32_t item = item_index(model, elements.values[k], elements.type);
        if (item != core::IdView::kNotFound) items.push_back(item);
    }
    return items;
}

void check_item_result(const LoadedModel& model, Oid type, const std::string& before,
                       const std::string& after) {
    check_result(model, model.parts().items.type(), "item", type, before, after);
}

void check_user_result(const LoadedModel& model, Oid type, const std::string& before,
                       const std::string& after) {
    check_result(model, model.parts().users.type(), "user", type, before, after);
}

}  // namespace personalize::pg
