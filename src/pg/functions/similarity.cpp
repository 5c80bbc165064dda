// cosine_sim, dot_sim, pearson_sim on arrays, and cosine_sim as an aggregate.
#include "core/neighbours/similarity.hpp"

#include "pg/bridge/arguments.hpp"

namespace personalize::pg {

namespace {

int first_null(ArrayType* array) {
    const bits8* bitmap = ARR_NULLBITMAP(array);
    for (int k = 0; bitmap != nullptr && k < ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)); k++)
        if ((bitmap[k / 8] & (1 << (k % 8))) == 0) return k + 1;
    return 0;
}

// A vector argument, in place. `which` is "first" or "second".
template <typename T>
std::span<const T> vector_argument(Datum datum, const char* which) {
    ArrayType* array = call([datum] { return DatumGetArrayTypeP(datum); });
    if (ARR_NDIM(array) > 1)
        throw SqlError(
            ERRCODE_ARRAY_SUBSCRIPT_ERROR,
            std::string("the ") + which + " vector has " + std::to_string(ARR_NDIM(array)) + " dimensions",
            "Give a one-dimensional array.");
    if (const int place = first_null(array); place > 0)
        throw SqlError(
            ERRCODE_NULL_VALUE_NOT_ALLOWED,
            std::string("element ") + std::to_string(place) + " of the " + which + " vector is NULL",
            "Replace it, for example by 0, before comparing.");
    const int count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
    return {reinterpret_cast<const T*>(ARR_DATA_PTR(array)), static_cast<std::size_t>(count)};
}

template <typename T, typename Compare>
Datum compare_vectors(FunctionCallInfo fcinfo, Compare compare) {
    const auto a = vector_argument<T>(PG_GETARG_DATUM(0), "first");
    const auto b = vector_argument<T>(PG_GETARG_DATUM(1), "second");
    if (a.size() != b.size())
        throw SqlError(ERRCODE_ARRAY_SUBSCRIPT_ERROR,
                       "the first vector has " + std::to_string(a.size()) + " elements and the second " +
                           std::to_string(b.size()),
                       "Compare vectors of equal length.");
    const std::optional<double> similarity = compare(a, b);
    if (!similarity) PG_RETURN_NULL();
    PG_RETURN_FLOAT8(*similarity);
}

constexpr auto kCosine = [](auto a, auto b) { return core::cosine(a, b); };
constexpr auto kPearson = [](auto a, auto b) { return core::pearson(a, b); };
constexpr auto kDot = [](auto a, auto b) { return std::optional(core::dot(a, b)); };

// The aggregate's state is {xy, xx, yy} as float8[], so that partial states travel between workers as plain
// arrays.
core::CosineSums sums_argument(FunctionCallInfo fcinfo, int position) {
    if (PG_ARGISNULL(position))
        throw SqlError(ERRCODE_NULL_VALUE_NOT_ALLOWED, "the state of cosine_sim is NULL");
    const auto state = vector_argument<double>(PG_GETARG_DATUM(position), "state");
    if (state.size() != 3)
        throw SqlError(ERRCODE_ARRAY_SUBSCRIPT_ERROR, "the state of cosine_sim has the wrong length");
    return {state[0], state[1], state[2]};
}

// Written over the first argument where that is the aggregate's own, as in an aggregation it always is.
Datum sums_result(FunctionCallInfo fcinfo, const core::CosineSums& sums) {
    const double parts[] = {sums.xy, sums.xx, sums.yy};
    return call([fcinfo, &parts] {
        ArrayType* state = AggCheckCallContext(fcinfo, nullptr) ? DatumGetArrayTypeP(PG_GETARG_DATUM(0))
                                                                : DatumGetArrayTypePCopy(PG_GETARG_DATUM(0));
        memcpy(ARR_DATA_PTR(state), parts, sizeof parts);
        return PointerGetDatum(state);
    });
}

}  // namespace

}  // namespace personalize::pg

using namespace personalize::pg;

PERSONALIZE_FUNCTION(cosine_sim_real) { return compare_vectors<float>(fcinfo, kCosine); }
PERSONALIZE_FUNCTION(cosine_sim_double) { return compare_vectors<double>(fcinfo, kCosine); }
PERSONALIZE_FUNCTION(pearson_sim_real) { return compare_vectors<float>(fcinfo, kPearson); }
PERSONALIZE_FUNCTION(pearson_sim_double) { return compare_vectors<double>(fcinfo, kPearson); }
PERSONALIZE_FUNCTION(dot_sim_real) { return compare_vectors<float>(fcinfo, kDot); }
PERSONALIZE_FUNCTION(dot_sim_double) { return compare_vectors<double>(fcinfo, kDot); }

// Strict in neither argument: a row with a NULL is passed over.
PERSONALIZE_FUNCTION(cosine_sim_accumulate) {
    auto sums = sums_argument(fcinfo, 0);
    if (PG_ARGISNULL(1) || PG_ARGISNULL(2)) PG_RETURN_DATUM(PG_GETARG_DATUM(0));
    sums.add(PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2));
    return sums_result(fcinfo, sums);
}

PERSONALIZE_FUNCTION(cosine_sim_combine) {
    auto sums = sums_argument(fcinfo, 0);
    sums.combine(sums_argument(fcinfo, 1));
    return sums_result(fcinfo, sums);
}

PERSONALIZE_FUNCTION(cosine_sim_result) {
    const auto similarity = sums_argument(fcinfo, 0).cosine();
    if (!similarity) PG_RETURN_NULL();
    PG_RETURN_FLOAT8(*similarity);
}
