#include "pg/bridge/sparse_vectors.hpp"

#include <charconv>
#include <cmath>

namespace personalize::pg {

namespace {

constexpr const char* kHint = "Give an object of numbers, such as {\"crime\": 2, \"love\": 0.5}.";

// What JSON calls a value of that type.
const char* type_name(const JsonbValue& value) {
    switch (value.type) {
        case jbvNull:
            return "null";
        case jbvString:
            return "a string";
        case jbvNumeric:
            return "a number";
        case jbvBool:
            return "a boolean";
        case jbvBinary:
            return JsonContainerIsArray(value.val.binary.data) ? "an array" : "an object";
        default:
            return "no number";
    }
}

std::string weight_name(std::string_view key, const char* which) {
    std::string name = "the weight of \"";
    return name.append(key).append("\" in ").append(which);
}

// The first value that is no weight; not set where all are.
struct Misfit {
    bool found = false;
    std::string_view key;
    JsonbValue value;
};

// Inside call(). A float8 that is not finite means that the number does not fit.
double number_of(const JsonbValue& value) {
    return DatumGetFloat8(
        DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(value.val.numeric)));
}

// Inside call(). The weight that `value` is; 0 with `misfit` set where it is none.
double weight_of(const JsonbValue& value, std::string_view key, Misfit& misfit) {
    const double weight = value.type == jbvNumeric ? number_of(value) : 0;
    if (value.type == jbvNumeric && std::isfinite(weight)) return weight;
    if (!misfit.found) misfit = {true, key, value};
    return 0;
}

void refuse(const Misfit& misfit, const char* which) {
    if (!misfit.found) return;
    if (misfit.value.type == jbvNumeric) refuse_large_weight(misfit.key, which);
    throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE,
                   weight_name(misfit.key, which) + " is " + type_name(misfit.value), kHint);
}

// Inside call(). Terms of the object in the order of its keys; returns the first misfit.
Misfit read_terms(const Jsonb* object, core::WeightedTerm* terms) {
    Misfit misfit;
    JsonbIterator* place = JsonbIteratorInit(const_cast<JsonbContainer*>(&object->root));
    JsonbValue value;
    for (auto token = JsonbIteratorNext(&place, &value, true); token != WJB_DONE;
         token = JsonbIteratorNext(&place, &value, true)) {
        if (token == WJB_KEY)
            terms->term = {value.val.string.val, static_cast<std::size_t>(value.val.string.len)};
        if (token != WJB_VALUE) continue;
        terms->weight = weight_of(value, terms->term, misfit);
        terms++;
        CHECK_FOR_INTERRUPTS();
    }
    return misfit;
}

std::string kind_of(const Jsonb* value) {
    JsonbValue scalar;
    if (!JB_ROOT_IS_SCALAR(value)) return "an array";
    call([value, scalar = &scalar] {
        return JsonbExtractScalar(const_cast<JsonbContainer*>(&value->root), scalar);
    });
    return type_name(scalar);
}

}  // namespace

void refuse_large_weight(std::string_view key, const char* which) {
    throw SqlError(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, weight_name(key, which) + " is too large",
                   "Weights are of type float8: give numbers up to 1.7e308.");
}

const Jsonb* jsonb_object(Datum datum, const char* which) {
    const Jsonb* value = call([datum] { return DatumGetJsonbP(datum); });
    if (JB_ROOT_IS_OBJECT(value)) return value;
    throw SqlError(ERRCODE_INVALID_PARAMETER_VALUE, std::string(which) + " is " + kind_of(value), kHint);
}

SparseTerms jsonb_terms(const Jsonb* object, const char* which, core::MemoryBudget& budget) {
    const std::size_t count = JB_ROOT_COUNT(object);
    budget.reserve(count * sizeof(core::WeightedTerm), "the terms of a vector");
    SparseTerms terms(count);
    refuse(call([object, begin = terms.data()] { return read_terms(object, begin); }), which);
    return terms;
}

SparseTerms tsvector_terms(Datum datum, core::MemoryBudget& budget) {
    const TSVectorData* text = call([datum] { return DatumGetTSVector(datum); });
    budget.reserve(static_cast<std::size_t>(text->size) * sizeof(core::WeightedTerm), "the terms of a text");
    SparseTerms terms;
    terms.reserve(text->size);
    for (const WordEntry* word = text->entries; word < text->entries + text->size; word++) {
        const int positions = POSDATALEN(text, word);
        terms.push_back({{STRPTR(text) + word->pos, word->len}, positions == 0 ? 1. : positions});
    }
    return terms;
}

double jsonb_weight(const JsonbContainer& object, std::string_view key, const char* which) {
    Misfit misfit;
    const double weight = call([&object, key, misfit = &misfit] {
        JsonbValue value;
        getKeyJsonValueFromContainer(const_cast<JsonbContainer*>(&object), key.data(),
                                     static_cast<int>(key.size()), &value);
        return weight_of(value, key, *misfit);
    });
    refuse(misfit, which);
    return weight;
}

void JsonbObject::put(std::string_view key, double value) {
    char digits[64];
    *std::to_chars(digits, digits + sizeof digits - 1, value).ptr = '\0';
    JsonbValue entry;
    entry.type = jbvString;
    entry.val.string.val = const_cast<char*>(key.data());
    entry.val.string.len = static_cast<int>(key.size());
    pushJsonbValue(&state_, WJB_KEY, &entry);
    entry.type = jbvNumeric;
    entry.val.numeric = DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(digits),
                                                            ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
    pushJsonbValue(&state_, WJB_VALUE, &entry);
}

Datum jsonb_datum(core::SparseVector terms) {
    return call([terms] {
        JsonbObject object;
        for (const core::WeightedTerm& t : terms)
            if (t.weight != 0) object.put(t.term, t.weight);
        return object.finish();
    });
}

}  // namespace personalize::pg
