// Sparse vectors as SQL values: jsonb objects {"term": weight}, and texts as tsvector.
#pragma once

#include <vector>

#include "core/neighbours/sparse_vector.hpp"
#include "core/runtime/memory_budget.hpp"
#include "pg/bridge/guard.hpp"

namespace personalize::pg {

using SparseTerms = std::vector<core::WeightedTerm>;  // terms point into the value that was read

// The orders in which PostgreSQL keeps keys and terms.
inline constexpr auto kJsonbOrder = core::TermOrder::kByLengthThenBytes;
inline constexpr auto kTsvectorOrder = core::TermOrder::kByBytes;

// Detoasted in the current memory context if it has to be. `which` is its name in messages ("the first
// vector"): anything but an object is invalid_parameter_value.
const Jsonb* jsonb_object(Datum datum, const char* which);

// The terms of an object. A value that is no number is invalid_parameter_value, one that a float8 cannot hold
// numeric_value_out_of_range; both name the key. A number too small for a float8 is 0. What is returned is
// claimed from `budget`.
SparseTerms jsonb_terms(const Jsonb* object, const char* which, core::MemoryBudget& budget);

// The terms of a text; the weight of one is the number of its positions, 1 where there are none (after
// strip()).
SparseTerms tsvector_terms(Datum datum, core::MemoryBudget& budget);

// The weight of one key, which the object has; errors as above.
double jsonb_weight(const JsonbContainer& object, std::string_view key, const char* which);
[[noreturn]] void refuse_large_weight(std::string_view key, const char* which);

// An object of the terms whose weight is not 0.
Datum jsonb_datum(core::SparseVector terms);

// Builds an object, key by key, in the current memory context. Use inside call().
class JsonbObject {
  public:
    JsonbObject() { pushJsonbValue(&state_, WJB_BEGIN_OBJECT, nullptr); }
    void put(std::string_view key, double value);  // finite; all its digits are kept
    Datum finish() {
        return JsonbPGetDatum(JsonbValueToJsonb(pushJsonbValue(&state_, WJB_END_OBJECT, nullptr)));
    }

  private:
    JsonbParseState* state_ = nullptr;
};

}  // namespace personalize::pg
