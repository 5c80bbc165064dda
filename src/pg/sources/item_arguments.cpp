#include "pg/sources/item_arguments.hpp"

#include "pg/bridge/ids.hpp"

namespace personalize::pg {

namespace {

constexpr int kElementsBetweenChecks = 4096;

core::Id item_id(const LoadedModel& model, Datum value, Oid type) {
    const core::IdType model_type = model.parts().items.type();
    return id_from_datum(value, type, model_type, "item");
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
        if (k % kElementsBetweenChecks == 0) checkpoint();
        if (elements.nulls[k]) continue;
        const std::int32_t item = item_index(model, elements.values[k], elements.type);
        if (item != core::IdView::kNotFound) items.push_back(item);
    }
    return items;
}

void wrong_result(const LoadedModel& model, const char* what, core::IdType model_type, Oid type,
                  const std::string& right_call) {
    const char* asked = call([type] { return format_type_be(type); });
    throw SqlError(ERRCODE_DATATYPE_MISMATCH,
                   std::string(what) + " ids of model \"" + model.name() + "\" are of type " +
                       type_name(model_type) + ", not " + asked,
                   "Call " + right_call + ".");
}

std::string quoted_name(const LoadedModel& model) {
    return call([name = model.name().c_str()] { return quote_literal_cstr(name); });
}

}  // namespace personalize::pg
