// cosine_sim, dot_sim, pearson_sim and jaccard_sim on arrays, and as aggregates.
#include "core/neighbours/similarity.hpp"

#include "core/neighbours/correlation_sums.hpp"
#include "core/neighbours/scaled_cosine_sums.hpp"
#include "pg/bridge/set_overlap.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/bridge/sums_aggregate.hpp"

namespace personalize::pg {

namespace {

// `which` is "the first vector" or "the second vector".
ArrayType* vector_argument(Datum datum, const char* which) {
    ArrayType* array = one_dimensional(datum, which);
    if (const int place = first_null(array); place > 0)
        throw SqlError(ERRCODE_NULL_VALUE_NOT_ALLOWED,
                       "element " + std::to_string(place) + " of " + which + " is NULL",
                       "Replace it, for example by 0, before comparing.");
    return array;
}

double number_of(Datum datum, Oid type) {
    switch (type) {
        case FLOAT4OID:
            return DatumGetFloat4(datum);
        case FLOAT8OID:
            return DatumGetFloat8(datum);
        case INT2OID:
            return DatumGetInt16(datum);
        case INT4OID:
            return DatumGetInt32(datum);
        case INT8OID:
            return static_cast<double>(DatumGetInt64(datum));
        default:
            return DatumGetFloat8(DirectFunctionCall1(numeric_float8, datum));
    }
}

// The elements as doubles, in the current memory context.
std::span<const double> numbers_of(ArrayType* array) {
    const Oid type = call([array] { return getBaseType(ARR_ELEMTYPE(array)); });  // of a domain, too
    if (type != FLOAT4OID && type != FLOAT8OID && type != INT2OID && type != INT4OID && type != INT8OID &&
        type != NUMERICOID)
        throw SqlError(ERRCODE_DATATYPE_MISMATCH, std::string("vectors of type ") + call([type] {
                                                      return format_type_be(type);
                                                  }) + "[] hold no numbers",
                       "Give arrays of numbers, such as '{1,2}'::real[].");
    return call([array, type] {
        int16 bytes;
        bool by_value;
        char alignment;
        get_typlenbyvalalign(type, &bytes, &by_value, &alignment);
        Datum* elements;
        int count;
        deconstruct_array(array, type, bytes, by_value, alignment, &elements, nullptr, &count);
        auto* const numbers = static_cast<double*>(
            palloc_extended(static_cast<std::size_t>(count) * sizeof(double), MCXT_ALLOC_HUGE));
        for (int k = 0; k < count; k++) {
            if (k % 65536 == 0) CHECK_FOR_INTERRUPTS();
            numbers[k] = number_of(elements[k], type);
        }
        return std::span<const double>(numbers, static_cast<std::size_t>(count));
    });
}

template <typename T, typename Compare>
Datum compare_elements(FunctionCallInfo fcinfo, std::span<const T> a, std::span<const T> b, Compare compare) {
    const std::optional<double> similarity = compare(a, b);
    if (!similarity) PG_RETURN_NULL();
    PG_RETURN_FLOAT8(*similarity);
}

// Both are of one type.
template <typename Compare>
Datum compare_vectors(FunctionCallInfo fcinfo, Compare compare) {
    ArrayType* const a = vector_argument(PG_GETARG_DATUM(0), "the first vector");
    ArrayType* const b = vector_argument(PG_GETARG_DATUM(1), "the second vector");
    if (length(a) != length(b))
        throw SqlError(ERRCODE_ARRAY_SUBSCRIPT_ERROR,
                       "the first vector has " + std::to_string(length(a)) + " elements and the second " +
                           std::to_string(length(b)),
                       "Compare vectors of equal length.");
    switch (ARR_ELEMTYPE(a)) {
        case FLOAT4OID:
            return compare_elements(fcinfo, elements<float>(a), elements<float>(b), compare);
        case FLOAT8OID:
            return compare_elements(fcinfo, elements<double>(a), elements<double>(b), compare);
        default:
            return compare_elements(fcinfo, numbers_of(a), numbers_of(b), compare);
    }
}

constexpr auto kCosine = [](auto a, auto b) { return core::cosine(a, b); };
constexpr auto kPearson = [](auto a, auto b) { return core::pearson(a, b); };
constexpr auto kDot = [](auto a, auto b) { return std::optional(core::dot(a, b)); };

}  // namespace

}  // namespace personalize::pg

using namespace personalize::pg;
using personalize::core::CorrelationSums;
using personalize::core::ScaledCosineSums;
using personalize::core::SetOverlap;

PERSONALIZE_FUNCTION(cosine_sim_vectors) { return compare_vectors(fcinfo, kCosine); }
PERSONALIZE_FUNCTION(pearson_sim_vectors) { return compare_vectors(fcinfo, kPearson); }
PERSONALIZE_FUNCTION(dot_sim_vectors) { return compare_vectors(fcinfo, kDot); }

PERSONALIZE_FUNCTION(jaccard_sim_sets) {
    personalize::core::MemoryBudget budget(settings::max_memory());
    ArrayType* a = one_dimensional(PG_GETARG_DATUM(0), "the first set");
    ArrayType* b = one_dimensional(PG_GETARG_DATUM(1), "the second set");
    const std::optional<double> similarity = overlap(a, b, PG_GET_COLLATION(), budget).jaccard();
    if (!similarity) PG_RETURN_NULL();
    PG_RETURN_FLOAT8(*similarity);
}

// The state is {unit of x, unit of y, xy, xx, yy}.
PERSONALIZE_FUNCTION(cosine_sim_accumulate) { return accumulate<ScaledCosineSums>(fcinfo, "cosine_sim"); }
PERSONALIZE_FUNCTION(cosine_sim_combine) { return combine<ScaledCosineSums>(fcinfo, "cosine_sim"); }
PERSONALIZE_FUNCTION(cosine_sim_result) {
    return finish<ScaledCosineSums>(fcinfo, "cosine_sim", [](const auto& sums) { return sums.cosine(); });
}

// The state is {count, unit, origin, mean and squares of x, of y, products}.
PERSONALIZE_FUNCTION(pearson_sim_accumulate) { return accumulate<CorrelationSums>(fcinfo, "pearson_sim"); }
PERSONALIZE_FUNCTION(pearson_sim_combine) { return combine<CorrelationSums>(fcinfo, "pearson_sim"); }
PERSONALIZE_FUNCTION(pearson_sim_result) {
    return finish<CorrelationSums>(fcinfo, "pearson_sim", [](const auto& sums) { return sums.pearson(); });
}

// The state is {both, either}.
PERSONALIZE_FUNCTION(jaccard_sim_accumulate) { return accumulate<SetOverlap, bool>(fcinfo, "jaccard_sim"); }
PERSONALIZE_FUNCTION(jaccard_sim_combine) { return combine<SetOverlap>(fcinfo, "jaccard_sim"); }
PERSONALIZE_FUNCTION(jaccard_sim_result) {
    return finish<SetOverlap>(fcinfo, "jaccard_sim", [](const auto& sums) { return sums.jaccard(); });
}
