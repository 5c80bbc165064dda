// cosine_sim, dot_sim, pearson_sim and jaccard_sim on arrays, and as aggregates.
#include "core/neighbours/similarity.hpp"

#include "core/neighbours/correlation_sums.hpp"
#include "core/neighbours/scaled_cosine_sums.hpp"
#include "pg/bridge/set_overlap.hpp"
#include "pg/bridge/settings.hpp"
#include "pg/bridge/sums_aggregate.hpp"

namespace personalize::pg {

namespace {

// A vector argument, in place. `which` is "the first vector" or "the second vector".
template <typename T>
std::span<const T> vector_argument(Datum datum, const char* which) {
    ArrayType* array = one_dimensional(datum, which);
    if (const int place = first_null(array); place > 0)
        throw SqlError(ERRCODE_NULL_VALUE_NOT_ALLOWED,
                       "element " + std::to_string(place) + " of " + which + " is NULL",
                       "Replace it, for example by 0, before comparing.");
    return elements<T>(array);
}

template <typename T, typename Compare>
Datum compare_vectors(FunctionCallInfo fcinfo, Compare compare) {
    const auto a = vector_argument<T>(PG_GETARG_DATUM(0), "the first vector");
    const auto b = vector_argument<T>(PG_GETARG_DATUM(1), "the second vector");
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

}  // namespace

}  // namespace personalize::pg

using namespace personalize::pg;
using personalize::core::CorrelationSums;
using personalize::core::ScaledCosineSums;
using personalize::core::SetOverlap;

PERSONALIZE_FUNCTION(cosine_sim_real) { return compare_vectors<float>(fcinfo, kCosine); }
PERSONALIZE_FUNCTION(cosine_sim_double) { return compare_vectors<double>(fcinfo, kCosine); }
PERSONALIZE_FUNCTION(pearson_sim_real) { return compare_vectors<float>(fcinfo, kPearson); }
PERSONALIZE_FUNCTION(pearson_sim_double) { return compare_vectors<double>(fcinfo, kPearson); }
PERSONALIZE_FUNCTION(dot_sim_real) { return compare_vectors<float>(fcinfo, kDot); }
PERSONALIZE_FUNCTION(dot_sim_double) { return compare_vectors<double>(fcinfo, kDot); }

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
