#include "pg/bridge/tag_values.hpp"

namespace personalize::pg {

namespace {

// Plain data that grows in the current memory context. Inside call().
struct Tags {
    TagValue* values;
    int count, room;

    void add(std::string_view tag, double weight) {
        if (tag.empty() || tag.size() > kLongestTag) return;
        if (count == room) {
            room = room == 0 ? 16 : 2 * room;
            const Size size = sizeof(TagValue) * static_cast<Size>(room);
            values = static_cast<TagValue*>(values == nullptr ? palloc(size) : repalloc(values, size));
        }
        values[count++] = {tag, weight};
    }
};

// Nothing where it would be too long.
std::string_view joined(const char* prefix, const char* text, int length) {
    if (static_cast<int>(strlen(prefix)) + length > kLongestTag) return {};
    return psprintf("%s%.*s", prefix, length, text);
}

const char* number_text(Numeric number) {
    return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(number)));
}

void walk(JsonbContainer* container, const char* prefix, Tags& tags);

// As an element of an array, or the whole value.
void add_element(const JsonbValue& value, const char* prefix, Tags& tags) {
    switch (value.type) {
        case jbvString:
            return tags.add(joined(prefix, value.val.string.val, value.val.string.len), 1);
        case jbvNumeric: {
            const char* number = number_text(value.val.numeric);
            return tags.add(joined(prefix, number, static_cast<int>(strlen(number))), 1);
        }
        case jbvBool:
            return tags.add(joined(prefix, value.val.boolean ? "true" : "false", value.val.boolean ? 4 : 5),
                            1);
        case jbvBinary:
            return walk(value.val.binary.data, prefix, tags);
        default:
            return;
    }
}

// `path`: the prefix and the key.
void add_member(const JsonbValue& value, std::string_view path, Tags& tags) {
    switch (value.type) {
        case jbvNumeric:
            return tags.add(path, DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
                                                                     NumericGetDatum(value.val.numeric))));
        case jbvBool:
            if (value.val.boolean) tags.add(path, 1);
            return;
        case jbvString:
            return add_element(value, psprintf("%s=", path.data()), tags);
        case jbvBinary:
            return walk(value.val.binary.data,
                        psprintf(JsonContainerIsArray(value.val.binary.data) ? "%s=" : "%s.", path.data()),
                        tags);
        default:
            return;
    }
}

void walk(JsonbContainer* container, const char* prefix, Tags& tags) {
    check_stack_depth();
    JsonbIterator* place = JsonbIteratorInit(container);
    JsonbValue value;
    std::string_view key;
    for (auto token = JsonbIteratorNext(&place, &value, false); token != WJB_DONE;
         token = JsonbIteratorNext(&place, &value, true)) {
        CHECK_FOR_INTERRUPTS();
        if (token == WJB_KEY) key = joined(prefix, value.val.string.val, value.val.string.len);
        if (token == WJB_VALUE && !key.empty()) add_member(value, key, tags);
        if (token == WJB_ELEM) add_element(value, prefix, tags);
    }
}

}  // namespace

std::span<const TagValue> tags_of_array(Datum array) {
    const Tags tags = call([array] {
        Tags result = {};
        Datum* elements;
        bool* nulls;
        int count;
        deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls,
                          &count);
        for (int k = 0; k < count; k++) {
            CHECK_FOR_INTERRUPTS();
            if (nulls[k]) continue;
            const text* element = DatumGetTextPP(elements[k]);
            result.add({VARDATA_ANY(element), VARSIZE_ANY_EXHDR(element)}, 1);
        }
        return result;
    });
    return {tags.values, static_cast<std::size_t>(tags.count)};
}

std::span<const TagValue> tags_of_jsonb(Datum value) {
    const Tags tags = call([value] {
        Tags result = {};
        walk(&DatumGetJsonbP(value)->root, "", result);
        return result;
    });
    return {tags.values, static_cast<std::size_t>(tags.count)};
}

}  // namespace personalize::pg
